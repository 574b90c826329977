import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunRecord } from '@kedge/shared/contracts';
import { createLogsAnswerer } from './answer-logs.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, service } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, put } from './testing/simulated-proxies.ts';

const clock = { now: () => new Date('2026-01-01T00:01:30Z'), monotonicMs: () => 0 };
const startedAt = new Date('2026-01-01T00:01:00Z');
const run: RunRecord = {
  node,
  service,
  instant: '2026-01-01T00:00:00.000Z',
  state: 'finished',
  container: 'c1',
  startedAt: '2026-01-01T00:00:00.100Z',
  finishedAt: '2026-01-01T00:00:01.000Z',
  exitCode: 0,
  output: 'first\nrun',
};

/** What is answered, and since when each container was asked for its output. */
async function ask(containers: readonly ObservedContainer[], runs: readonly RunRecord[]) {
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  for (const each of runs) await put(stores.runs, `${node}.${service}.${Date.parse(each.instant) / 1_000}`, each);
  const asked: (Date | undefined)[] = [];
  const engine: ContainerEngine = {
    ...createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) }),
    list: async () => containers,
    logs: async (_id, { since }) => {
      asked.push(since);
      return since ? ['second'] : ['first', 'run', 'second'];
    },
  };
  const { sources } = await createLogsAnswerer({ bus, stores, engine })({ service });
  return { asked, sources };
}

const ours = (changes: Parameters<typeof container>[0]) => container({ ...changes, kedge: { node } });

describe('logs', () => {
  it('show the run under way from its own start, because its container holds the output of earlier runs too', async () => {
    const { asked, sources } = await ask([ours({ startedAt })], [run]);
    assert.deepEqual(
      sources.map(({ lines }) => lines),
      [['first', 'run'], ['second']],
    );
    assert.deepEqual(asked, [startedAt]);
  });

  it('show the container of a service with what it wrote before its last restart', async () => {
    const { asked } = await ask([ours({ startedAt })], []);
    assert.deepEqual(asked, [undefined]);
  });

  it('show no container of a job that has ended: its runs are told one by one', async () => {
    const { asked, sources } = await ask([ours({ state: 'exited', exitCode: 0 })], [run]);
    assert.equal(sources.length, 1);
    assert.deepEqual(asked, []);
  });

  it('name what nobody knows', async () => {
    await assert.rejects(ask([], []), { code: 'SERVICE_UNKNOWN' });
  });
});
