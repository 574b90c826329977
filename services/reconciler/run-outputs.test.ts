import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunRecord, runKey } from '@kedge/shared/contracts';
import { createRunOutputs } from './run-outputs.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node, put, web } from './testing/simulated-proxies.ts';

const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => 0 };
const run = RunRecord.parse({ node, service: web, instant: '2026-01-01T00:00:00.000Z', state: 'running' });
const key = runKey({ node, service: web, instant: run.instant });

function open() {
  const store = createMemoryStore();
  const stores = openStores(createMemoryBus({ store, node, clock }));
  return { store, stores, outputs: createRunOutputs(stores) };
}

describe('what a run printed', () => {
  it('is kept beside the runs, where nobody reads it who asks which runs there are', async () => {
    const { stores, outputs } = open();
    await put(stores.runs, key, run);
    await outputs.keep({ key, value: run }, 'said');
    assert.equal(await outputs.read({ key, value: run }), 'said');
    assert.deepEqual(
      [...(await stores.runs.readAll(node)).values()].map(({ value }) => value),
      [run],
    );
  });

  it('is what was written last, by whoever had to write it again', async () => {
    const { outputs } = open();
    for (const output of ['half', 'all of it']) await outputs.keep({ key, value: run }, output);
    assert.equal(await outputs.read({ key, value: run }), 'all of it');
  });

  it('costs nothing when it printed nothing, or was dropped', async () => {
    const { store, outputs } = open();
    await outputs.keep({ key, value: run }, '');
    assert.equal(store.buckets.get('runs')?.size, 0);
    await outputs.keep({ key, value: run }, 'said');
    await outputs.drop(key);
    await outputs.drop(key);
    assert.deepEqual([await outputs.read({ key, value: run }), store.buckets.get('runs')?.size], [null, 0]);
  });

  it('is found in the runs of an earlier version, which held it themselves', async () => {
    const { outputs } = open();
    assert.equal(await outputs.read({ key, value: { ...run, output: 'said then' } }), 'said then');
  });
});
