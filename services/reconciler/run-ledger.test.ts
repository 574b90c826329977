import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { owe } from '@kedge/shared/bus';
import { RunRecord, runKey } from '@kedge/shared/contracts';
import { createRunLedger } from './run-ledger.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node, put, web } from './testing/simulated-proxies.ts';

const now = new Date('2026-01-01T03:00:00Z');
const clock = { now: () => now, monotonicMs: () => 0 };

function runAt(hour: number, state: RunRecord['state'] = 'claimed'): RunRecord {
  return RunRecord.parse({ node, service: web, instant: `2026-01-01T0${hour}:00:00.000Z`, state });
}

function keyOf({ instant }: RunRecord): string {
  return runKey({ node, service: web, instant });
}

/** A ledger whose store does something of its own while it is being read. */
function openLedger(meanwhile: () => void = () => undefined) {
  const store = createMemoryStore();
  const stores = openStores(createMemoryBus({ store, node, clock }));
  const bus = createMemoryBus({
    store,
    node,
    clock,
    async around<Result>(name: string, call: () => Result): Promise<Awaited<Result>> {
      const result = await call();
      if (name === 'runs.readAll') meanwhile();
      return result;
    },
  });
  return { store, stores, ledger: createRunLedger({ bus, stores: openStores(bus) }) };
}

describe('the ledger of runs', () => {
  it('finds what is stored, in order, and forgets what is gone', async () => {
    const { stores, ledger } = openLedger();
    const runs = [runAt(2), runAt(1), runAt(3, 'skipped'), runAt(4, 'finished')] as const;
    for (const run of runs) await put(stores.runs, keyOf(run), run);
    ledger.note(runAt(5));
    await ledger.load();
    assert.deepEqual(ledger.open(web), [keyOf(runs[1]), keyOf(runs[0])]);
    assert.deepEqual(
      ledger.of(web).map(({ key, state }) => [key, state]),
      [runs[1], runs[0], runs[2], runs[3]].map((run) => [keyOf(run), run.state]),
    );
    assert.deepEqual(ledger.all().length, 4);
  });

  it('believes what was noted while it read', async () => {
    const [ended, claimed] = [runAt(1), runAt(2)];
    const { stores, ledger } = openLedger(() => {
      ledger.note({ ...ended, state: 'finished' });
      ledger.note(claimed);
    });
    ledger.note(ended);
    await put(stores.runs, keyOf(ended), ended);
    await ledger.load();
    assert.deepEqual(ledger.open(web), [keyOf(claimed)]);
    assert.deepEqual(
      ledger.of(web).map(({ key, state }) => [key, state]),
      [
        [keyOf(ended), 'finished'],
        [keyOf(claimed), 'claimed'],
      ],
    );
  });

  it('says what a run still owes', async () => {
    const { store, stores, ledger } = openLedger();
    const run = runAt(1, 'skipped');
    const debt = owe('job.skipped', { instant: run.instant, reason: 'late', message: 'it was late' }, { service: web, now });
    await put(stores.runs, keyOf(run), { ...run, owes: [debt] });
    await ledger.load();
    await ledger.load();
    assert.deepEqual(
      store.events.map(({ type }) => type),
      ['job.skipped.v1'],
    );
  });
});
