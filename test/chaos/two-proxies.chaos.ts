import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { waitUntil } from '@kedge/shared/testing';
import { startLoad } from '../e2e/harness/load.ts';
import { run } from '../e2e/harness/shell.ts';
import { compose, joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { instancesOf, scale } from './harness/instances.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { seed, someOf } from './harness/sample.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad } from './harness/watched-load.ts';

/** What is open for as long as its proxy lives: it ends with it, and is opened again. */
const endless = ['events', 'websocket'];

const told = someOf(['replaced', 'whole', 'both', 'asked', 'dies'], 2);

describe(`proxies come and go (KEDGE_TEST_SEED=${seed})`, () => {
  let facts: StackFacts;
  let bus: Bus;
  let spy: Spy;
  let web: RollingService;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    spy = await startSpy(facts);
    web = await createRollingService({ facts, spy, name: 'proxied-web' });
    await web.declare();
    await web.arrived();
  });
  after(async () => {
    await scale(facts, { proxy: 1 });
    await web.undeclare();
    await spy.close();
    await bus.close();
  });

  /** Load on the service; `lost` are the requests without a complete, expected answer, other than the endless ones. */
  async function underLoad(test: TestContext, act: () => Promise<unknown>): Promise<readonly string[]> {
    const load = startLoad({ port: facts.httpPort, host: web.host, versions: web.versions, slowMs: 1_500 });
    test.after(async () => await load.stop());
    const served = (more: number) => {
      const wanted = (load.report.requests.fresh ?? 0) + more;
      return waitUntil(() => (load.report.requests.fresh ?? 0) > wanted, { timeoutMs: 60_000, what: 'requests are answered' });
    };
    await served(100);
    await act();
    await served(100);
    const { requests, failures } = await load.stop();
    test.diagnostic(`${JSON.stringify(requests)}, failures:\n${failures.join('\n')}`);
    return failures.filter((failure) => !endless.some((what) => failure.includes(` ${what}: `)));
  }

  it('Compose replaces the only one: the new one serves before the old one stops', told('replaced'), async (test) => {
    const [old = ''] = await instancesOf(facts, 'proxy');
    const lost = await underLoad(test, async () => await compose(facts, ['up', '-d', '--wait', '--no-deps', '--force-recreate', 'proxy']));
    const [fresh, ...others] = await instancesOf(facts, 'proxy');
    assert.notEqual(fresh, old);
    assert.deepEqual(others, []);
    assert.deepEqual(lost, []);
  });

  it('Compose replaces the whole stack at once', told('whole'), async (test) => {
    const before = await instancesOf(facts, 'proxy');
    const lost = await underLoad(test, async () => await compose(facts, ['up', '-d', '--wait', '--force-recreate']));
    assert.notDeepEqual(await instancesOf(facts, 'proxy'), before);
    assert.deepEqual(lost, []);
  });

  it('with two on one port a rollout waits for both', told('both'), async (test) => {
    await scale(facts, { proxy: 2 });
    const since = new Date();
    await web.prepare();
    const finish = holdLoad(test, facts, [web]);
    await web.release();
    await web.arrived();
    await finish();
    assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), 1);
    const proofs = await spy.applied(web.name);
    assert.equal(proofs.length, 2, 'two live proxies applied it');
    assert.equal(new Set(proofs).size, 1, proofs.join(' '));
  });

  it('one of two is asked to end: nothing is lost', told('asked'), async (test) => {
    await scale(facts, { proxy: 2 });
    const [leaving = ''] = await instancesOf(facts, 'proxy');
    const lost = await underLoad(test, async () => await run('docker', ['stop', leaving]));
    assert.deepEqual(lost, []);
    await run('docker', ['start', leaving]);
  });

  it('one of two dies: only its own open requests are lost', told('dies'), async (test) => {
    await scale(facts, { proxy: 2 });
    const [dying = ''] = await instancesOf(facts, 'proxy');
    let diedAt = Number.POSITIVE_INFINITY;
    const lost = await underLoad(test, async () => {
      await run('docker', ['kill', dying]);
      diedAt = Date.now();
      await timer(500); // whatever was open is known to be lost by then
    });
    const later = lost.filter((failure) => Date.parse(failure.slice(0, 24)) > diedAt + 500);
    assert.deepEqual(later, [], 'the other one answers');
    assert.deepEqual(
      lost.filter((failure) => / answered \d/.test(failure)),
      [],
      'nobody got a wrong answer',
    );
    await run('docker', ['start', dying]);
  });
});
