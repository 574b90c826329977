import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { run } from '../e2e/harness/shell.ts';
import { joinBus, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { containersOf, type Deed, watchWorkloads } from './harness/containers.ts';
import { frozenWhile, revivalOf } from './harness/instances.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { strikeAt, type Visit, visitsDuring } from './harness/named-points.ts';
import { createRollingJob } from './harness/rolling-job.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, sample, seed, someOf } from './harness/sample.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad } from './harness/watched-load.ts';

/** One thing that is done again and again; each time the reconciler dies at another point of it. */
interface Scenario {
  /** Before the moment: nothing of this may wake the reconciler. */
  readonly prepare: () => Promise<void>;
  readonly act: () => Promise<void>;
  /** Waits until the wish is reached and nothing else is left. */
  readonly reached: () => Promise<void>;
  /** Points without which the scenario is not what it says. */
  readonly known: readonly string[];
  /** How many of its points a short run tries. */
  readonly kills: number;
}

const arrivals = ['pull', 'create', 'start', 'alias', 'route', 'switched'];

function stepsOf(...kinds: readonly string[]): string[] {
  return kinds.flatMap((kind) => [`step.${kind}:before`, `step.${kind}:after`]);
}

/**
 * Tables and names change twice in every rollout (the old one leaves, the new one comes). What else comes again does not always: jobs
 * repeat all they do with every instant, and a container that ends meanwhile is made again. Between two changes of the engine is after the
 * first of them.
 */
function isWorthAKill({ point, times }: Visit): boolean {
  return /^(step|run|owed|said)\.|^engine\..*:after$/.test(point) && times <= (/^step\.(route|rename)|^engine\./.test(point) ? 2 : 1);
}

describe(`the reconciler dies at any step (KEDGE_TEST_SEED=${seed})`, () => {
  let facts: StackFacts;
  let bus: Bus;
  let spy: Spy;
  let still: RollingService;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    spy = await startSpy(facts);
    still = await createRollingService({ facts, spy, name: 'chaos-still' });
    await still.declare();
    await still.arrived();
  });
  after(async () => {
    await still.undeclare();
    await spy.close();
    await bus.close();
  });

  async function survive(test: TestContext, { prepare, act, reached, known, kills }: Scenario): Promise<void> {
    await prepare();
    const visits = await visitsDuring(facts, 'reconciler', async () => {
      await act();
      await reached();
    });
    const points = new Set(visits.map(({ point }) => point));
    assert.deepEqual(
      known.filter((point) => !points.has(point)),
      [],
      `points that were not seen, among ${[...points].join(' ')}`,
    );
    const worth = visits.filter(isWorthAKill);
    const chosen = sample(worth, kills);
    test.diagnostic(`${chosen.length} of ${worth.length} points`);
    for (const visit of chosen) {
      await test.test(`killed at ${visit.point} (${visit.times})`, async () => {
        await prepare();
        const revive = await revivalOf(facts, 'reconciler');
        const dead = await strikeAt(facts, 'reconciler', visit);
        await act();
        await dead();
        await revive();
        await reached();
      });
    }
  }

  const told = someOf(
    [
      'a rollout',
      'a rollout that stops the old release first',
      'a bad release',
      'a bad release, for which the old one stopped',
      'a removal',
      'a lost network',
      'a job',
      'a job that was just started',
    ],
    1,
  );
  const strategies = [
    {
      name: 'chaos-over',
      title: 'a rollout',
      steps: stepsOf(...arrivals, 'unproven', 'rename', 'drop-alias', 'settle', 'stop', 'remove', 'finish'),
    },
    {
      name: 'chaos-after',
      title: 'a rollout that stops the old release first',
      strategy: 'recreate' as const,
      steps: stepsOf(...arrivals, 'stop', 'remove', 'rename', 'finish'),
    },
  ];
  for (const { name, title, steps, ...options } of strategies) {
    it(`and ${title} ends well, without a dropped request`, told(title), async (test) => {
      const since = new Date();
      const service = await createRollingService({ facts, spy, name, ...options });
      await service.declare();
      // What still goes on would be seen by the next one.
      test.after(async () => {
        await service.undeclare();
        await service.gone();
      });
      await service.arrived();
      const finish = holdLoad(test, facts, [service, still]);
      await survive(test, { prepare: service.prepare, act: service.release, reached: service.arrived, known: steps, kills: 2 });
      await finish();
      const rollouts = assertEachEndedOnce(await rolloutEvents(bus, name, since));
      assert.ok(rollouts >= (isLong ? 20 : 4), `${rollouts} rollouts`);
    });
  }

  for (const { name, title, steps, ...options } of [
    { name: 'chaos-bad', title: 'a bad release', steps: stepsOf('create', 'start', 'fail') },
    {
      name: 'chaos-back',
      title: 'a bad release, for which the old one stopped',
      strategy: 'recreate' as const,
      steps: stepsOf('create', 'stop', 'start', 'fail', 'restored'),
    },
  ]) {
    it(`and ${title} is taken back, judged once`, told(title), async (test) => {
      const since = new Date();
      const service = await createRollingService({ facts, spy, name, ...options });
      await service.declare();
      test.after(async () => {
        await service.undeclare();
        await service.gone();
      });
      await service.arrived();
      const finish = holdLoad(test, facts, 'strategy' in options ? [still] : [service, still]);
      const { prepareBad: prepare, releaseBad: act, takenBack: reached } = service;
      await survive(test, { prepare, act, reached, known: steps, kills: 2 });
      await finish();
      const rollouts = assertEachEndedOnce(await rolloutEvents(bus, name, since));
      assert.ok(rollouts >= (isLong ? 10 : 4), `${rollouts} rollouts`);
    });
  }

  it('and a container that lost its network is put back', told('a lost network'), async (test) => {
    const service = await createRollingService({ facts, spy, name: 'chaos-cut' });
    await service.declare();
    test.after(async () => {
      await service.undeclare();
      await service.gone();
    });
    await service.arrived();
    const finish = holdLoad(test, facts, [still]);
    const before = await containersOf(facts, service.name);
    await survive(test, {
      prepare: async () => undefined,
      act: async () => void (await run('docker', ['network', 'disconnect', '-f', facts.network, service.name])),
      reached: service.arrived,
      known: stepsOf('reattach'),
      kills: 1,
    });
    await finish();
    assert.deepEqual(await containersOf(facts, service.name), before, 'by the container that it had');
  });

  it('and a removal leaves nothing', told('a removal'), async (test) => {
    const service = await createRollingService({ facts, spy, name: 'chaos-gone' });
    test.after(async () => await service.undeclare());
    const finish = holdLoad(test, facts, [still]);
    await survive(test, {
      async prepare() {
        await service.declare();
        await service.arrived();
      },
      act: service.undeclare,
      reached: service.gone,
      known: stepsOf('route', 'rename', 'drop-alias', 'stop', 'remove'),
      kills: 1,
    });
    await finish();
  });

  it('and a job runs once for each instant', told('a job'), async (test) => {
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    const job = await createRollingJob(facts, bus, 'chaos-job');
    await job.declare();
    test.after(async () => await job.undeclare());
    await job.arrived();
    const finish = holdLoad(test, facts, [still]);
    await survive(test, {
      prepare: job.prepare,
      act: job.release,
      reached: job.arrived,
      known: ['clear', 'make', 'assign', 'take', 'start', 'rename', 'finish'].flatMap((kind) => [
        `run.${kind}:before`,
        `run.${kind}:after`,
      ]),
      kills: 1,
    });
    await finish();
    await job.undeclare();
    const starts: readonly Deed[] = workloads.of(job.name, 'start');
    test.diagnostic(JSON.stringify(await job.assertEachOnce(starts)));
  });

  it('and a job that was just started is noted, not started again', told('a job that was just started'), async (test) => {
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    const job = await createRollingJob(facts, bus, 'chaos-noted');
    await job.declare();
    test.after(async () => await job.undeclare());
    await job.arrived();
    for (const point of ['run.note-start:before', 'run.note-start:after']) {
      // Nobody has written down that it runs: whoever comes back finds out, and dies of that as well.
      const revive = await revivalOf(facts, 'reconciler');
      const dead = await strikeAt(facts, 'reconciler', { point: 'engine.containers.start:after', times: 1 });
      await dead();
      // The next instant, if it came first, would note the start by itself: what has ended by then is in nobody's way.
      await frozenWhile(facts, 'scheduler', async () => {
        const deadAgain = await strikeAt(facts, 'reconciler', { point, times: 1 });
        await revive();
        await deadAgain();
      });
      await revive();
      await job.goesOn();
    }
    await job.undeclare();
    test.diagnostic(JSON.stringify(await job.assertEachOnce(workloads.of(job.name, 'start'))));
  });
});
