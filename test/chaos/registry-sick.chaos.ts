import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { StatusReply } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { joinBus, kedge, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { seed, someOf, turnOf } from './harness/sample.ts';
import { openSickRegistry, pauseSeconds, type Sickness, type SickRegistry, sicknesses } from './harness/sick-registry.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad } from './harness/watched-load.ts';

const all = Object.keys(sicknesses) as Sickness[];
const intervalMs = 2_000;
/** Nobody there hears how often it is asked, or hears it often enough. */
const unheard: ReadonlySet<Sickness> = new Set(['refused', 'tls', 'silent']);

describe(`the registry falls ill (KEDGE_TEST_SEED=${seed})`, turnOf('the registry falls ill'), () => {
  let facts: StackFacts;
  let bus: Bus;
  let spy: Spy;
  let registry: SickRegistry;
  let web: RollingService;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    spy = await startSpy(facts);
    registry = await openSickRegistry(facts.registryPort);
    web = await createRollingService({ facts, spy, name: 'sick-web', registryPort: registry.port });
    await web.declare();
    await web.arrived();
  });
  after(async () => {
    await web.undeclare();
    await registry.close();
    await spy.close();
    await bus.close();
  });

  async function trouble() {
    const { services } = StatusReply.parse(JSON.parse(await kedge(facts, ['status', web.name, '--json'])));
    return services[0]?.registry;
  }

  const told = someOf(all, 1);
  for (const sickness of all) {
    it(`(${sickness}): it is named, asked less often, and nothing rolls until it is well`, told(sickness), async (test) => {
      const since = new Date();
      const served = web.wanted();
      await web.prepare();
      const finish = holdLoad(test, facts, [web]);
      await registry.fallIll(sickness);
      test.after(async () => await registry.recover());
      await web.releaseUnseen();

      const known = await waitUntil(trouble, { timeoutMs: 60_000, what: 'the status names the trouble' });
      const codes: readonly string[] = sicknesses[sickness];
      assert.ok(codes.includes(known.code), `${known.code}: ${known.message}`);
      assert.ok(Date.parse(known.since ?? '') >= since.getTime(), `since ${known.since}`);
      await waitUntil(async () => registry.asked.length >= 3 || unheard.has(sickness), { timeoutMs: 60_000 });
      const pauses = registry.asked.slice(1).map((at, index) => Math.round(at - (registry.asked[index] ?? 0)));
      test.diagnostic(`${known.code}: ${known.message}; asked again after ${pauses.join(', ')} ms`);
      if (sickness === 'limited')
        for (const pause of pauses) assert.ok(pause >= pauseSeconds * 1_000 * 0.95, `asked again after ${pause} ms`);
      else if (pauses.length > 0)
        assert.ok(Math.max(...pauses) > 1.3 * intervalMs, `it is asked as often as ever: ${pauses.join(', ')} ms`);
      assert.deepEqual(await rolloutEvents(bus, web.name, since), [], 'nothing rolls');
      assert.notEqual(served, web.wanted(), 'there was something to roll');

      await registry.recover();
      await web.arrived();
      await waitUntil(async () => (await trouble()) === undefined, { timeoutMs: 30_000, what: 'the status says no more of it' });
      await finish();
      assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), 1);
    });
  }
});
