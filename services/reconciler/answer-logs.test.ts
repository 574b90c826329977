import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { type LogsRequest, type RunRecord, runKey, ServiceName } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createLogsAnswerer } from './answer-logs.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import { createRunLedger } from './run-ledger.ts';
import { createRunOutputs } from './run-outputs.ts';
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

interface Asking {
  readonly containers: readonly ObservedContainer[];
  readonly runs: readonly RunRecord[];
  /** What the ledger has of them, where that is older than the store. */
  readonly noted?: readonly RunRecord[];
  readonly mayAct?: boolean;
  readonly request?: Partial<LogsRequest>;
  /** What a container has written, asked from its beginning. */
  readonly prints?: readonly string[];
  /** What the engine says instead when it is asked for the output of c2. */
  readonly c2?: Error;
}

/** What is answered, since when each container was asked for its output, and what was read of the store. */
async function ask({ containers, runs, noted = [], mayAct = true, request = {}, prints = ['first', 'run', 'second'], c2 }: Asking) {
  const store = createMemoryStore();
  const before = createMemoryBus({ store, node, clock });
  const stores = openStores(before);
  for (const { output, ...run } of runs) {
    const key = runKey({ node, service: run.service, instant: run.instant });
    await put(stores.runs, key, run);
    await createRunOutputs(stores).keep({ key, value: run }, output ?? '');
  }
  const ledger = createRunLedger({ bus: before, stores });
  if (mayAct) await ledger.load();
  for (const run of noted) ledger.note(run);
  const read: string[] = [];
  const bus = createMemoryBus({
    store,
    node,
    clock,
    async around<Result>(name: string, call: () => Result): Promise<Awaited<Result>> {
      read.push(name);
      return await call();
    },
  });
  const asked: (Date | undefined)[] = [];
  const engine: ContainerEngine = {
    ...createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) }),
    list: async () => containers,
    logs: async (id, { since }) => {
      asked.push(since);
      if (c2 && id === 'c2') throw c2;
      return since ? ['second'] : prints;
    },
  };
  const answer = createLogsAnswerer({ bus, stores: openStores(bus), engine, ledger, mayAct: () => mayAct });
  const { sources } = await answer({ service, ...request });
  return { asked, read, sources };
}

function runAt(minute: number, changes: Partial<RunRecord> = {}): RunRecord {
  return { ...run, instant: new Date(Date.parse(run.instant) + minute * 60_000).toISOString(), output: `output ${minute}`, ...changes };
}

const ours = (changes: Parameters<typeof container>[0]) => container({ ...changes, kedge: { node } });

describe('logs', () => {
  it('show the run under way from its own start, because its container holds the output of earlier runs too', async () => {
    const { asked, sources } = await ask({ containers: [ours({ startedAt })], runs: [run] });
    assert.deepEqual(
      sources.map(({ lines }) => lines),
      [['first', 'run'], ['second']],
    );
    assert.deepEqual(asked, [startedAt]);
  });

  it('show the container of a service with what it wrote before its last restart', async () => {
    const { asked } = await ask({ containers: [ours({ startedAt })], runs: [] });
    assert.deepEqual(asked, [undefined]);
  });

  it('pass over a container that was removed since it was listed, and no other trouble', async () => {
    const containers = [ours({}), ours({ id: 'c2', name: 'web-2' })];
    const { sources } = await ask({ containers, runs: [], c2: new RetryableError('CONTAINER_GONE', 'no such container') });
    assert.deepEqual(
      sources.map(({ container }) => container),
      ['c1'],
    );
    const engineAway = new RetryableError('ENGINE_UNAVAILABLE', 'the engine does not answer');
    await assert.rejects(ask({ containers, runs: [], c2: engineAway }), { code: 'ENGINE_UNAVAILABLE' });
  });

  it('show no container of a job that has ended: its runs are told one by one', async () => {
    const { asked, sources } = await ask({ containers: [ours({ state: 'exited', exitCode: 0 })], runs: [run] });
    assert.equal(sources.length, 1);
    assert.deepEqual(asked, []);
  });

  it('show a run whose end was told a moment ago, before the ledger has it', async () => {
    const containers = [ours({ state: 'exited', exitCode: 0 })];
    const { asked, sources } = await ask({ containers, runs: [runAt(1), runAt(2)], noted: [runAt(2, { state: 'running' })] });
    assert.deepEqual(
      sources.map(({ lines }) => lines),
      [['output 1'], ['output 2']],
    );
    assert.deepEqual(asked, []);
  });

  it('name what nobody knows', async () => {
    await assert.rejects(ask({ containers: [], runs: [] }), { code: 'SERVICE_UNKNOWN' });
    await assert.rejects(ask({ containers: [], runs: [run], request: { instant: runAt(1).instant } }), { code: 'SERVICE_UNKNOWN' });
  });

  it('show the newest runs, or the one that is named, and read no others', async () => {
    const other = runAt(0, { service: ServiceName.parse('other') });
    const runs = [...[6, 2, 3, 4, 5, 1].map((minute) => runAt(minute)), runAt(7, { state: 'skipped' }), other];
    const newest = await ask({ containers: [], runs });
    assert.deepEqual(
      newest.sources.map(({ lines }) => lines),
      [2, 3, 4, 5, 6].map((minute) => [`output ${minute}`]),
    );
    assert.deepEqual(
      newest.read,
      Array.from({ length: 10 }, () => 'runs.get'),
    );
    const named = await ask({ containers: [], runs, request: { instant: runAt(1).instant } });
    assert.deepEqual([named.sources[0]?.lines, named.read], [['output 1'], ['runs.get', 'runs.get']]);
    const skipped = await ask({ containers: [], runs: [runAt(7, { state: 'skipped', output: '' })] });
    assert.deepEqual(skipped.sources, []);
  });

  it('are told by whoever stands by as well', async () => {
    const { sources } = await ask({ containers: [], runs: [runAt(2), runAt(1)], mayAct: false });
    assert.deepEqual(
      sources.map(({ lines }) => lines),
      [['output 1'], ['output 2']],
    );
  });

  it('fit into one message, whatever was printed', async () => {
    const output = '\u0000'.repeat(9_000);
    const { sources } = await ask({ containers: [], runs: [1, 2, 3, 4, 5].map((minute) => runAt(minute, { output })) });
    assert.equal(sources.length, 5);
    assert.ok(Buffer.byteLength(JSON.stringify({ sources })) < 1_000_000);
    assert.deepEqual(
      sources.map(({ cut }) => cut),
      Array.from({ length: 5 }, () => undefined),
    );
  });

  const large = 'x'.repeat(300_000);
  const printed: readonly (readonly [string, readonly string[], { readonly lines: readonly string[]; readonly cut?: true }])[] = [
    ['all that fits', ['one', large, 'three'], { lines: ['one', large, 'three'] }],
    ['the last lines that fit', ['one', large, large, large], { lines: [large, large], cut: true }],
    ['the end of one that does not fit', ['y'.repeat(800_000)], { lines: ['y'.repeat(699_997)], cut: true }],
  ];
  for (const [title, lines, expected] of printed)
    it(`show ${title}, and say so where there is more`, async () => {
      const [source] = (await ask({ containers: [ours({ startedAt })], runs: [], prints: lines })).sources;
      assert.deepEqual([source?.lines, source?.cut], [expected.lines, expected.cut]);
    });
});
