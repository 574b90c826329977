import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunRecord, runKey, ServiceName } from '@kedge/shared/contracts';
import { keptRuns } from './core/surplus-runs.ts';
import { createRunKeeper } from './keep-runs.ts';
import { createRunLedger } from './run-ledger.ts';
import { createRunOutputs } from './run-outputs.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node, put } from './testing/simulated-proxies.ts';

const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => 0 };
const [daily, hourly] = [ServiceName.parse('daily'), ServiceName.parse('hourly')];

async function remember(runs: readonly RunRecord[]) {
  const store = createMemoryStore();
  const bus = createMemoryBus({ store, node, clock });
  const stores = openStores(bus);
  const outputs = createRunOutputs(stores);
  const ledger = createRunLedger({ bus, stores });
  for (const run of runs) {
    await put(stores.runs, keyOf(run), run);
    await outputs.keep({ key: keyOf(run), value: run }, `output of ${run.instant}`);
  }
  await ledger.load();
  const keys = () => [...(store.buckets.get('runs')?.keys() ?? [])];
  return { keys, ledger, keeper: createRunKeeper({ stores, outputs, ledger }) };
}

function finished(service: ServiceName, minute: number): RunRecord {
  return RunRecord.parse({ node, service, instant: new Date(minute * 60_000).toISOString(), state: 'finished' });
}

function keyOf({ service, instant }: RunRecord): string {
  return runKey({ node, service, instant });
}

describe('what is remembered of runs', () => {
  it('are the last of each job, with what they printed', async () => {
    const runs = Array.from({ length: keptRuns.ofJob + 2 }, (_, minute) => finished(daily, minute));
    const { keys, ledger, keeper } = await remember(runs);
    await keeper.prune();
    const kept = runs.slice(2).map(keyOf);
    assert.deepEqual(keys().toSorted(), [...kept, ...kept.map((key) => `_output.${key}`)].toSorted());
    assert.deepEqual(
      ledger.of(daily).map(({ key }) => key),
      kept,
    );
  });

  it('is nothing of a job that is forgotten, and all of the others', async () => {
    const { keys, ledger, keeper } = await remember([finished(daily, 1), finished(daily, 2), finished(hourly, 1)]);
    await keeper.forget(daily);
    const kept = keyOf(finished(hourly, 1));
    assert.deepEqual([keys(), ledger.all().length], [[kept, `_output.${kept}`], 1]);
  });
});
