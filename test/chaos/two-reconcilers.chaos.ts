import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { waitUntil } from '@kedge/shared/testing';
import { run } from '../e2e/harness/shell.ts';
import { compose, joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { containersOf, watchWorkloads } from './harness/containers.ts';
import { instancesOf, scale } from './harness/instances.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { strikeAt, type Visit, visitsDuring } from './harness/named-points.ts';
import { createRollingJob } from './harness/rolling-job.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, sample, seed, someOf, turnOf } from './harness/sample.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad } from './harness/watched-load.ts';

/** Between two steps the holder of the lease stands still for longer than the lease lives: it has nothing more to do when it goes on. */
const betweenSteps = [
  'step.create:before',
  'step.create:after',
  'step.start:before',
  'step.alias:before',
  'step.route:before',
  'step.switched:before',
  'step.rename:before',
  'step.drop-alias:before',
  'step.settle:before',
  'step.stop:before',
  'step.stop:after',
  'step.remove:before',
  'step.remove:after',
  'step.finish:before',
  'owed.deploy.succeeded',
  'said.deploy.succeeded',
].map((point): Visit => ({ point, times: 1 }));

/**
 * In the middle of a step it has looked already and is about to change something: when it goes on it asks the engine for what was right
 * before the other one did its work, and no lease keeps it from that. Names are given on networks first to the new container, then taken
 * from the old one.
 */
const insideSteps: readonly Visit[] = [
  { point: 'engine.containers.create:before', times: 1 },
  { point: 'engine.containers.start:before', times: 1 },
  { point: 'engine.networks.disconnect:before', times: 1 },
  { point: 'engine.networks.connect:before', times: 1 },
  { point: 'engine.networks.disconnect:before', times: 2 },
  { point: 'engine.networks.connect:before', times: 2 },
  { point: 'engine.containers.rename:before', times: 1 },
  { point: 'engine.containers.rename:before', times: 2 },
  { point: 'engine.containers.stop:before', times: 1 },
  { point: 'engine.containers.remove:before', times: 1 },
];

describe(`two reconcilers on one engine (KEDGE_TEST_SEED=${seed})`, turnOf('two reconcilers on one engine'), () => {
  let facts: StackFacts;
  let bus: Bus;
  let spy: Spy;
  let web: RollingService;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    spy = await startSpy(facts);
    web = await createRollingService({ facts, spy, name: 'two-web' });
    await web.declare();
    await web.arrived();
    await scale(facts, { reconciler: 2 });
  });
  after(async () => {
    await web.undeclare();
    await scale(facts, { reconciler: 1 });
    await spy.close();
    await bus.close();
  });

  /** The instance that acts: its lease names the start of its container's id. */
  async function holder(): Promise<string> {
    return await waitUntil(
      async () => {
        const [name = ''] = await spy.holders();
        return (await instancesOf(facts, 'reconciler')).find((id) => id.startsWith(name) && name !== '');
      },
      { timeoutMs: 30_000, what: 'somebody holds the lease' },
    );
  }

  /** Lets the one that stood still go on, until it has noticed that the lease is not its own. */
  async function goOn(frozen: string, resumedAt = new Date()): Promise<void> {
    await run('docker', ['kill', '-s', 'CONT', frozen]);
    await waitUntil(async () => (await compose(facts, ['logs', '--since', resumedAt.toISOString(), 'reconciler'])).includes('stands by'), {
      timeoutMs: 30_000,
      what: 'the one that stood still stands by',
    });
  }

  const told = someOf(['a rollout', 'a job'], 1);
  for (const visit of isLong ? betweenSteps : []) {
    it(`the one that acts stands still at ${visit.point}: the other takes over, and nothing is left to do when it goes on`, async (test) => {
      const { resumedAt, workloads } = await standStillAt(test, visit);
      const afterwards = workloads.seen.filter(({ at, service }) => at > resumedAt && service === web.name);
      assert.deepEqual(afterwards, [], 'the one that went on touched nothing');
    });
  }
  for (const visit of sample(insideSteps, 1)) {
    it(
      `the one that acts stands still at ${visit.point} (${visit.times}): the other takes over, and what it asks for afterwards harms nobody`,
      told('a rollout'),
      async (test) => {
        const { serving, resumedAt, workloads, visits } = await standStillAt(test, visit);
        const afterwards = workloads.seen.filter(({ at, service }) => at > resumedAt && service === web.name);
        const asked = visits.map(({ point }) => point).filter((point) => /^engine\..*:after$/.test(point));
        test.diagnostic(`asked of the engine after it went on: ${asked.join(' ') || 'nothing that it did'}`);
        test.diagnostic(`done by the engine: ${afterwards.map(({ action }) => action).join(' ') || 'nothing to containers'}`);
        const toWhatServes = afterwards.filter(({ container }) => container === serving).map(({ action }) => action);
        assert.deepEqual(toWhatServes, [], 'what serves was left alone');
        assert.deepEqual(
          afterwards.filter(({ action }) => action === 'start'),
          [],
          'no second container ran',
        );
      },
    );
  }

  /** Whoever acts stands still at a point of a rollout until the other one has ended it, and goes on then. */
  async function standStillAt(test: TestContext, visit: Visit) {
    const since = new Date();
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    await web.prepare();
    const finish = holdLoad(test, facts, [web]);
    const frozen = await holder();
    test.after(async () => await run('docker', ['kill', '-s', 'CONT', frozen]));

    const still = await strikeAt(facts, 'reconciler', { ...visit, signal: 'SIGSTOP' });
    await web.release();
    await still();
    await web.arrived();
    assert.notEqual(await holder(), frozen, 'the other one holds the lease');
    const serving = (await containersOf(facts, web.name))[0]?.id;
    const resumedAt = new Date();
    const visits = await visitsDuring(facts, 'reconciler', async () => {
      await goOn(frozen, resumedAt);
      await web.arrived();
    });
    await finish();

    assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), 1);
    assert.deepEqual(
      (await containersOf(facts, web.name)).map(({ id }) => id),
      [serving],
    );
    return { serving, resumedAt, workloads, visits };
  }

  for (const point of isLong ? ['run.start:before', 'engine.containers.start:before'] : ['run.start:before']) {
    it(`the one that acts stands still at ${point} of a job: the instant is not run twice`, told('a job'), async (test) => {
      const workloads = watchWorkloads(facts);
      test.after(() => workloads.stop());
      const job = await createRollingJob(facts, bus, `two-job-${point.split('.')[0]}`);
      await job.declare();
      test.after(async () => await job.undeclare());
      await job.arrived();
      const frozen = await holder();
      test.after(async () => await run('docker', ['kill', '-s', 'CONT', frozen]));
      const still = await strikeAt(facts, 'reconciler', { point, times: 1, signal: 'SIGSTOP' });
      await still();
      await job.goesOn();
      await goOn(frozen);
      await job.goesOn();
      await job.undeclare();
      test.diagnostic(JSON.stringify(await job.assertEachOnce(workloads.of(job.name, 'start'))));
    });
  }
});
