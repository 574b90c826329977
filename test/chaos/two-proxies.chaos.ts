import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { DeploySucceeded } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { record } from '../e2e/harness/follow.ts';
import { send, startLoad } from '../e2e/harness/load.ts';
import { metricsOf } from '../e2e/harness/metrics.ts';
import { run } from '../e2e/harness/shell.ts';
import { compose, joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { watchWorkloads } from './harness/containers.ts';
import { instancesOf, scale } from './harness/instances.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { seed, someOf } from './harness/sample.ts';
import { type Spy, startSpy } from './harness/spy.ts';

const losses = ['kill', 'die', 'stop', 'destroy'];
/** Each of the nine clients that end a request was waiting for one answer at most, and was in the door of the one that died at most once more. */
const mostCutOff = 2 * 9;

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
    // What comes after it looks at the steps of a reconciler that has nothing else to do.
    await web.gone();
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
    const patient = await createRollingService({ facts, spy, name: 'proxied-patient', drainTimeout: '50s' });
    await patient.declare();
    test.after(async () => await patient.undeclare());
    await patient.arrived();
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    const events = record(bus);
    const since = new Date();
    await patient.prepare();
    const stopAsking = holdQuestions(patient);

    const [frozen = ''] = await instancesOf(facts, 'proxy');
    test.after(async () => await run('docker', ['kill', '-s', 'CONT', frozen]));
    await run('docker', ['kill', '-s', 'STOP', frozen]);
    await patient.release();
    const [proven = ''] = await waitUntil(
      async () => {
        const found = await spy.proven(patient.name);
        return found.length > 0 ? found : null;
      },
      { timeoutMs: 60_000, what: 'one has proven it' },
    );
    assert.ok(!frozen.startsWith(proven), 'it is the other one');
    // A reconciler for which one proof is enough goes on with its next look at the service.
    const looks = await looksOfReconciler();
    await waitUntil(async () => (await looksOfReconciler()) >= looks + 3, { timeoutMs: 40_000, what: 'the reconciler looks again' });
    const deeds = workloads.seen.filter(({ service, action }) => service === patient.name && losses.includes(action));
    assert.deepEqual(deeds, [], 'nothing was stopped while one had not said that it let go');
    assert.equal(events.of('deploy.succeeded', patient.name).length, 0);

    await run('docker', ['kill', '-s', 'CONT', frozen]);
    await patient.arrived();
    assert.deepEqual(await stopAsking(), [], 'whoever asked the one that stood still was answered when it went on');
    const { data } = await events.heard('deploy.succeeded', patient.name);
    assert.equal(DeploySucceeded.parse(data).drained, true, 'both had let go before the old container was stopped');
    assert.equal(assertEachEndedOnce(await rolloutEvents(bus, patient.name, since)), 1);
    // The table without the old release came last: who applied it says so a moment later.
    const alike = async () => {
      const applied = await spy.applied(patient.name);
      assert.deepEqual([applied.length, new Set(applied).size], [2, 1], applied.join(' '));
      return true;
    };
    await waitUntil(alike, { timeoutMs: 30_000, what: 'both have the same table' });
  });

  /** Passes over services that the reconciler has made. */
  async function looksOfReconciler(): Promise<number> {
    return (await metricsOf(facts, 'reconciler')).get('kedge_pass_seconds_count') ?? 0;
  }

  /** Asks a service all the time, without streams that would keep a container for ever, until the returned function tells what failed. */
  function holdQuestions({ host, versions }: RollingService): () => Promise<readonly string[]> {
    const failures: string[] = [];
    let isOver = false;
    async function ask(): Promise<void> {
      while (!isOver) {
        const { status, body } = await send({ port: facts.httpPort, host, method: 'GET', path: '/', agent: false });
        if (status !== 200 || !versions.includes(body)) failures.push(`${status} ${body.slice(0, 100)}`);
      }
    }
    const clients = Array.from({ length: 8 }, async () => await ask().catch((thrown: unknown) => void failures.push(String(thrown))));
    return async () => {
      isOver = true;
      await Promise.all(clients);
      return failures;
    };
  }

  it('one of two is asked to end: nothing is lost but WebSockets and event streams, which end with it', told('asked'), async (test) => {
    await scale(facts, { proxy: 2 });
    const [leaving = ''] = await instancesOf(facts, 'proxy');
    const lost = await underLoad(test, async () => await run('docker', ['stop', leaving]));
    assert.deepEqual(lost, []);
    await run('docker', ['start', leaving]);
  });

  it('one of two dies: only its own open requests are lost', told('dies'), async (test) => {
    await scale(facts, { proxy: 2 });
    const [dying = ''] = await instancesOf(facts, 'proxy');
    const lost = await underLoad(test, async () => await run('docker', ['kill', dying]));
    const toNobody = lost.filter((failure) => failure.includes('ECONNREFUSED'));
    assert.deepEqual(toNobody, [], 'the other one answers');
    assert.ok(lost.length <= mostCutOff, `${lost.length} were cut off:\n${lost.join('\n')}`);
    assert.deepEqual(
      lost.filter((failure) => / answered \d/.test(failure)),
      [],
      'nobody got a wrong answer',
    );
    await run('docker', ['start', dying]);
  });
});
