import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serviceKey } from '@kedge/shared/contracts';
import { recordingLog } from '@kedge/shared/testing';
import type { ObservedContainer } from './ports.ts';
import { createDeathReporter } from './report-death.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, declared, releaseOf } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, worldNow } from './testing/world.ts';

const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
const ended = container({ state: 'exited', exitCode: 3, finishedAt: new Date(worldNow), kedge: { node } });
const at = new Date(worldNow).toISOString();
const image = { image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const };
const serving = { ...image, release: releaseOf('v1'), since: at, rollout: '01JZ0000000000000000000000' };

interface Situation {
  readonly observed?: ObservedContainer | null;
  readonly isLeaving?: boolean;
  readonly service?: Record<string, unknown>;
  readonly dispenser?: Record<string, unknown>;
  readonly fault?: Error;
}

/** What is said when the engine tells of the death twice. */
async function report({ observed = ended, isLeaving = false, service = {}, dispenser, fault }: Situation = {}) {
  const store = createMemoryStore();
  const bus = createMemoryBus({ store, node, clock });
  const stores = openStores(bus);
  await put(stores.releases, serviceKey(node, web), recordOf({ serving }).value);
  const spec = declared({ service: { restart: 'always', ...service }, ...(dispenser ? { dispenser } : {}) });
  await put(stores.services, serviceKey(node, web), { node, spec, hash: 'h', path: 'web' });
  const engine = {
    ...createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) }),
    async inspect() {
      if (fault) throw fault;
      return observed;
    },
  };
  const { log, lines } = recordingLog();
  const tell = createDeathReporter({ bus, stores, engine, log, isLeaving: () => isLeaving });
  for (let time = 0; time < 2; time += 1) await tell({ container: 'c1', service: web });
  return { events: store.events, lines };
}

describe('the death of a container', () => {
  it('is told once, with its code and its last words', async () => {
    const { events } = await report();
    assert.equal(events.length, 1);
    assert.partialDeepStrictEqual(events[0]?.data, { container: 'c1', exitCode: 3, lastLines: ['the last words'] });
  });

  const silent: readonly (readonly [string, Situation])[] = [
    ['that we stopped ourselves', { isLeaving: true }],
    ['that is gone', { observed: null }],
    ['of another release', { observed: { ...ended, kedge: ended.kedge && { ...ended.kedge, release: releaseOf('v2') } } }],
    ['of another node', { observed: container({ state: 'exited', exitCode: 3 }) }],
    ['of a job', { dispenser: { watch: true, cron: '* * * * *' } }],
    ['of what runs once and ended well', { observed: { ...ended, exitCode: 0 }, service: { restart: 'no' } }],
  ];
  for (const [name, situation] of silent) it(`${name} is no news`, async () => assert.deepEqual((await report(situation)).events, []));

  it('that cannot be reported does no harm', async () => {
    const { events, lines } = await report({ fault: new Error('no engine') });
    assert.deepEqual([events, lines.length], [[], 2]);
  });
});
