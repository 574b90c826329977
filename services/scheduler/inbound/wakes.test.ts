import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { ServiceName } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { SharedSchedule } from '../testing/shared-schedule.ts';
import { startWakes } from './wakes.ts';

const declared = ServiceName.parse('declared');
const scheduled = ServiceName.parse('scheduled');

describe('startWakes', () => {
  function world() {
    const looked: string[] = [];
    const states: (boolean | string)[] = [];
    const wakes: (() => void)[] = [];
    const failing = { now: false };
    const found: string[][] = [];
    const bus: Pick<Bus, 'wake' | 'onReconnect'> = {
      wake: (_subject, listener) =>
        void wakes.push(() =>
          listener({
            specversion: '1.0',
            id: '1',
            source: 'watcher/1',
            type: 'config.changed.v1',
            time: '2026-01-02T03:04:05.000Z',
            kedgenode: 'local',
            data: { revision: 'r', added: [], changed: [], removed: [] },
          } as Parameters<typeof listener>[0]),
        ),
      onReconnect: (listener) => void wakes.push(listener),
    };
    const passes = startWakes({
      bus,
      jobs: {
        read: async () => ({ kind: 'unknown' }),
        async services() {
          if (failing.now) throw new RetryableError('BUS_UNAVAILABLE', 'the bus is away');
          return [declared];
        },
      },
      schedule: { ...new SharedSchedule().view(), services: async () => [scheduled, declared] },
      look: (service) => looked.push(service),
      log: silentLog(),
      ready: (state) => states.push(state),
      wanted(services) {
        found.push([...services]);
      },
    });
    return { passes, looked, states, wakes, failing, found };
  }

  it('has every declared and every scheduled job looked at once, at the start, after a change and after a reconnect', async () => {
    const { passes, looked, states, wakes, found } = world();
    for (let pass = 1; pass <= 3; pass += 1) {
      await waitUntil(() => states.length === pass);
      assert.deepEqual(looked.splice(0), ['declared', 'scheduled']);
      wakes[pass - 1]?.();
    }
    await passes.close();
    assert.equal(wakes.length, 2);
    assert.deepEqual(states, [true, true, true]);
    assert.deepEqual(
      found,
      Array.from({ length: 3 }, () => ['declared', 'scheduled']),
    );
  });

  it('is not ready while the jobs cannot be read, and says why', async () => {
    const { passes, states, wakes, failing, found } = world();
    await waitUntil(() => states.length === 1);
    failing.now = true;
    wakes[0]?.();
    await waitUntil(() => states.length === 2);
    failing.now = false;
    wakes[0]?.();
    await waitUntil(() => states.length === 3);
    await passes.close();
    assert.deepEqual(states, [true, 'the bus is away', true]);
    assert.equal(found.length, 2, 'a pass that failed is none');
  });
});
