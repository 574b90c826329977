import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RunRecord, runKey } from '@kedge/shared/contracts';
import { createRunRecorder } from './record-run.ts';
import { createRunLedger } from './run-ledger.ts';
import { createRunOutputs } from './run-outputs.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container } from './testing/observed.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { worldNow } from './testing/world.ts';

const instant = new Date(worldNow - 2_000).toISOString();
const claimed: RunRecord = { node, service: web, instant, state: 'claimed' };
const key = runKey({ node, service: web, instant });

async function stage(run: RunRecord = claimed) {
  const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
  const store = createMemoryStore();
  const bus = createMemoryBus({ store, node, clock });
  const stores = openStores(bus);
  await put(stores.runs, key, run);
  const ledger = createRunLedger({ bus, stores });
  const outputs = createRunOutputs(stores);
  const recorder = createRunRecorder({ bus, stores, clock, ledger, outputs, keeper: { prune: async () => undefined } });
  async function entry() {
    const stored = await stores.runs.get(key);
    assert.ok(stored);
    return stored;
  }
  const said = () => store.events.map(({ type, correlationid, data }) => ({ type, correlationid, data }));
  return { recorder, entry, said, ledger, outputs };
}

describe('a run', () => {
  it('is given a container with the moment of its start before', async () => {
    const { recorder, entry, said } = await stage();
    const before = container({ state: 'exited', startedAt: new Date(worldNow - 60_000) });
    await recorder.assign(await entry(), before);
    assert.partialDeepStrictEqual((await entry()).value, { state: 'claimed', container: 'c1', startedAt: before.startedAt?.toISOString() });
    assert.deepEqual(said(), []);
  });

  it('is told as started with its container, and as running from then on', async () => {
    const { recorder, entry, said, ledger } = await stage();
    const running = await recorder.started(await entry(), container({ startedAt: new Date(worldNow - 1_000) }));
    assert.deepEqual([running.value.state, ledger.open(web)], ['running', [key]]);
    assert.deepEqual(said(), [{ type: 'job.started.v1', correlationid: key, data: { instant, container: 'c1' } }]);
  });

  it('is told as finished with how long it took, and what it printed is kept beside it', async () => {
    const { recorder, entry, said, ledger, outputs } = await stage({
      ...claimed,
      state: 'running',
      startedAt: new Date(worldNow - 1_500).toISOString(),
    });
    await recorder.finished(await entry(), { exitCode: 3, output: 'oh no', reason: 'it ended with code 3' });
    const { value } = await entry();
    assert.deepEqual([value.state, value.exitCode, await outputs.read({ key, value }), ledger.open(web)], ['finished', 3, 'oh no', []]);
    assert.deepEqual(said(), [{ type: 'job.finished.v1', correlationid: key, data: { instant, exitCode: 3, durationMs: 1_500 } }]);
  });

  it('that is skipped has no container any more', async () => {
    const { recorder, entry, said } = await stage({ ...claimed, container: 'c1' });
    await recorder.skipped(await entry(), { reason: 'not-started', message: 'the engine refused it' });
    const { value } = await entry();
    assert.deepEqual([value.state, value.container, value.reason], ['skipped', undefined, 'the engine refused it']);
    assert.partialDeepStrictEqual(said(), [{ type: 'job.skipped.v1', data: { reason: 'not-started' } }]);
  });

  it('that somebody else wrote meanwhile is looked at again', async () => {
    const { recorder, entry } = await stage();
    const stale = await entry();
    await recorder.started(stale, container());
    await assert.rejects(recorder.started(stale, container()), { code: 'WORLD_MOVED' });
  });
});
