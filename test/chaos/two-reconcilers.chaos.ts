import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { waitUntil } from '@kedge/shared/testing';
import { run } from '../e2e/harness/shell.ts';
import { compose, joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { watchWorkloads } from './harness/containers.ts';
import { instancesOf, scale } from './harness/instances.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { strikeAt } from './harness/named-points.ts';
import { createRollingJob } from './harness/rolling-job.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { sample, seed, someOf, turnOf } from './harness/sample.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad } from './harness/watched-load.ts';

/** Where the holder of the lease stands still for longer than the lease lives, and goes on when the other one has done everything. */
const moments = [
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

  /** Lets the one that stood still go on, until it has noticed that the lease is not its own; resolves to when it began to. */
  async function goOn(frozen: string): Promise<Date> {
    const resumedAt = new Date();
    await run('docker', ['kill', '-s', 'CONT', frozen]);
    await waitUntil(async () => (await compose(facts, ['logs', '--since', resumedAt.toISOString(), 'reconciler'])).includes('stands by'), {
      timeoutMs: 30_000,
      what: 'the one that stood still stands by',
    });
    return resumedAt;
  }

  const told = someOf(['a rollout', 'a job'], 1);
  for (const point of sample(moments, 1)) {
    it(
      `the one that acts stands still at ${point}: the other takes over, and nobody notices when it goes on`,
      told('a rollout'),
      async (test) => {
        const since = new Date();
        const workloads = watchWorkloads(facts);
        test.after(() => workloads.stop());
        await web.prepare();
        const finish = holdLoad(test, facts, [web]);
        const frozen = await holder();
        test.after(async () => await run('docker', ['kill', '-s', 'CONT', frozen]));

        const still = await strikeAt(facts, 'reconciler', { point, times: 1 }, 'SIGSTOP');
        await web.release();
        await still();
        await web.arrived();
        assert.notEqual(await holder(), frozen, 'the other one holds the lease');
        const resumedAt = await goOn(frozen);
        await web.arrived();
        await finish();

        assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), 1);
        const afterwards = workloads.seen.filter(({ at, service }) => at > resumedAt && service === web.name);
        test.diagnostic(`done after it went on: ${afterwards.map(({ action }) => action).join(' ') || 'nothing'}`);
        assert.deepEqual(afterwards, [], 'the one that went on touched nothing');
      },
    );
  }

  it('the one that acts stands still before it starts a job: the instant is not run twice', told('a job'), async (test) => {
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    const job = await createRollingJob(facts, bus, 'two-job');
    await job.declare();
    test.after(async () => await job.undeclare());
    await job.arrived();
    const frozen = await holder();
    test.after(async () => await run('docker', ['kill', '-s', 'CONT', frozen]));
    const still = await strikeAt(facts, 'reconciler', { point: 'run.start:before', times: 1 }, 'SIGSTOP');
    await still();
    await job.goesOn();
    await goOn(frozen);
    await job.goesOn();
    await job.undeclare();
    test.diagnostic(JSON.stringify(await job.assertEachOnce(workloads.of(job.name, 'start'))));
  });
});
