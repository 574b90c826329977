import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runKey } from '@kedge/shared/contracts';
import { createRunClaimer } from './claim-run.ts';
import { createRunLedger } from './run-ledger.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared } from './testing/observed.ts';
import { node, web } from './testing/simulated-proxies.ts';
import { worldNow } from './testing/world.ts';

const job = declared({ dispenser: { watch: true, cron: '* * * * *' } });
const instant = new Date(worldNow).toISOString();
const firing = { service: web, instant, spec: job };

function stage() {
  const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
  const store = createMemoryStore();
  const bus = createMemoryBus({ store, node, clock });
  const stores = openStores(bus);
  let pruned = 0;
  let looks = 0;
  async function prune(): Promise<void> {
    pruned += 1;
  }
  async function containersEnded(): Promise<void> {
    looks += 1;
  }
  const claimer = () => {
    const ledger = createRunLedger({ bus, stores });
    return { ledger, claim: createRunClaimer({ bus, stores, clock, ledger, keeper: { prune }, closer: { containersEnded } }) };
  };
  const state = async () => (await stores.runs.get(runKey({ node, service: web, instant })))?.value.state;
  return { claimer, events: store.events, state, pruned: () => pruned, looks: () => looks };
}

describe('a firing', () => {
  it('is claimed once, whoever says it how often', async () => {
    const { claimer, state, pruned } = stage();
    const [one, other] = [claimer(), claimer()];
    assert.deepEqual([await one.claim(firing), await one.claim(firing), await other.claim(firing)], [true, false, false]);
    assert.equal(await state(), 'claimed');
    assert.deepEqual(other.ledger.open(web).length, 1, 'whoever was too late knows the run all the same');
    assert.equal(pruned(), 3);
  });

  it('is judged after the run before it was looked at, which may have ended while nobody did', async () => {
    const { claimer, looks } = stage();
    await claimer().claim(firing);
    assert.equal(looks(), 1);
  });

  it('that was told as missed and becomes due after all, because only the clock was ahead, runs once', async () => {
    const { claimer, events, state } = stage();
    const { claim, ledger } = claimer();
    assert.deepEqual([await claim({ ...firing, missed: 3 }), await claim({ ...firing, missed: 3 })], [true, false]);
    assert.equal(await state(), 'skipped');
    assert.deepEqual([await claim(firing), await claim(firing), await claim({ ...firing, missed: 3 })], [true, false, false]);
    assert.equal(await state(), 'claimed');
    assert.equal(ledger.open(web).length, 1);
    assert.equal(events.length, 1, 'it was told as missed once');
  });

  it('that was told as missed and becomes due after all is told once more where it cannot run then', async () => {
    const { claimer, events } = stage();
    const { claim } = claimer();
    await claim({ ...firing, missed: 1 });
    for (let time = 0; time < 2; time += 1) await claim({ ...firing, spec: 'down' });
    assert.deepEqual(
      events.map(({ data }) => (data as { reason: string }).reason),
      ['late', 'down'],
    );
  });

  it('that was skipped for any other reason does not run when it is said again', async () => {
    const { claimer, state } = stage();
    await claimer().claim({ ...firing, spec: 'down' });
    assert.equal(await claimer().claim(firing), false);
    assert.equal(await state(), 'skipped');
  });

  it('that is refused is told once, with the id of the run', async () => {
    const { claimer, events, state } = stage();
    const { claim } = claimer();
    for (let time = 0; time < 2; time += 1) await claim({ ...firing, spec: 'down' });
    assert.equal(await state(), 'skipped');
    assert.deepEqual(
      events.map(({ type, correlationid, data }) => [type, correlationid, (data as { reason: string }).reason]),
      [['job.skipped.v1', runKey({ node, service: web, instant }), 'down']],
    );
  });

  it('is taken for that of a job while its configuration cannot be read', async () => {
    const { claimer, state } = stage();
    await claimer().claim({ ...firing, spec: 'unsettled' });
    assert.equal(await state(), 'claimed');
  });

  it('of what is no job, or nothing, is refused', async () => {
    for (const spec of [declared(), null]) {
      const { claimer, events } = stage();
      await claimer().claim({ ...firing, spec });
      assert.equal((events[0]?.data as { reason: string } | undefined)?.reason, 'undeclared');
    }
  });
});
