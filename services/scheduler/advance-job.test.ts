import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JobDue, mostMissedCounted, NodeName, ServiceName } from '@kedge/shared/contracts';
import type { PassResult } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import fc from 'fast-check';
import { createAdvanceJob } from './advance-job.ts';
import type { CronNotices, Declared } from './ports.ts';
import { SharedSchedule } from './testing/shared-schedule.ts';

const node = NodeName.parse('local');
const service = ServiceName.parse('report');
const start = Date.parse('2026-01-02T03:04:05.000Z');

function secondOf(instant: string): number {
  return (Date.parse(instant) - start) / 1_000;
}

/** One job and the schedulers that look at it, with clocks that the test moves. */
class World {
  readonly schedule = new SharedSchedule();
  readonly notices: string[] = [];
  declared: Declared = { kind: 'job', cron: '* * * * * *' };
  zone = 'UTC';
  nowMs = start;
  monotonicMs = 0;

  scheduler(dies?: () => boolean, meanwhile?: () => Promise<void>) {
    const notices: CronNotices = {
      invalid: ({ service: name, cron }) => void this.notices.push(`invalid ${name} ${cron}`),
      valid: () => undefined,
      gone: (name) => void this.notices.push(`gone ${name}`),
      keepOnly: () => undefined,
    };
    const advance = createAdvanceJob({
      node,
      zone: this.zone,
      jobs: { read: async () => this.declared, services: async () => [service] },
      schedule: this.schedule.view(dies, meanwhile),
      clock: { now: () => new Date(this.nowMs), monotonicMs: () => this.monotonicMs },
      notices,
      log: silentLog(),
      onDue: () => undefined,
    });
    return async (name = service) => await advance(name);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.monotonicMs += ms;
  }

  /** Seconds after the start for which the job was said to be due, in the order in which they were said. */
  said(): number[] {
    return this.#due().flatMap(({ instant, missed }) => (missed === undefined ? [secondOf(instant)] : []));
  }

  /** Each word about missed instants: the second of the last, and how many. */
  missed(): (readonly [last: number, count: number])[] {
    return this.#due().flatMap(({ instant, missed }) => (missed === undefined ? [] : [[secondOf(instant), missed] as const]));
  }

  #due(): JobDue[] {
    return [...this.schedule.said.values()].map(({ data }) => JobDue.parse(data));
  }
}

describe('advanceJob', () => {
  it('plans a new job and asks to be called at its first instant', async () => {
    const world = new World();
    world.pass(250);
    assert.deepEqual(await world.scheduler()(), { requeueAfterMs: 750 });
    assert.deepEqual(world.schedule.entry(service)?.value, {
      node,
      service,
      cron: '* * * * * *',
      zone: 'UTC',
      last: null,
      next: '2026-01-02T03:04:06.000Z',
    });
    assert.deepEqual(world.said(), []);
  });

  it('says that the job is due, state first, and pays the debt', async () => {
    const world = new World();
    const advance = world.scheduler();
    await advance();
    world.pass(1_003);
    assert.deepEqual(await advance(), { requeueAfterMs: 997 });
    const [[id, event] = []] = world.schedule.said;
    assert.equal(id, 'job.due/local.report/2');
    assert.deepEqual(event, {
      subject: 'job.due',
      time: '2026-01-02T03:04:06.003Z',
      service,
      data: { service, instant: '2026-01-02T03:04:06.000Z' },
    });
    const value = world.schedule.entry(service)?.value;
    assert.deepEqual([value?.last, value?.next, value?.owes], ['2026-01-02T03:04:06.000Z', '2026-01-02T03:04:07.000Z', undefined]);
  });

  it('looks at the wall clock at least every 30 s', async () => {
    const world = new World();
    world.declared = { kind: 'job', cron: '@yearly' };
    assert.deepEqual(await world.scheduler()(), { requeueAfterMs: 30_000 });
    world.declared = { kind: 'job', cron: '0 0 0 1 1 * 2020' };
    assert.deepEqual(await world.scheduler()(), { requeueAfterMs: 30_000 });
    assert.equal(world.schedule.entry(service)?.value.next, null);
  });

  it('keeps the last instant when the expression or the zone changes', async () => {
    const world = new World();
    await world.scheduler()();
    world.pass(1_000);
    await world.scheduler()();
    world.declared = { kind: 'job', cron: '0 0 12 * * *' };
    await world.scheduler()();
    assert.equal(world.schedule.entry(service)?.value.next, '2026-01-02T12:00:00.000Z');
    world.zone = 'Europe/Berlin';
    await world.scheduler()();
    const value = world.schedule.entry(service)?.value;
    assert.deepEqual([value?.last, value?.next, value?.zone], ['2026-01-02T03:04:06.000Z', '2026-01-02T11:00:00.000Z', 'Europe/Berlin']);
    assert.deepEqual(world.said(), [1]);
  });

  it('writes down in which zone the expression is read, even when that changes no instant', async () => {
    const world = new World();
    await world.scheduler()();
    world.zone = 'Europe/Berlin';
    await world.scheduler()();
    assert.equal(world.schedule.entry(service)?.value.zone, 'Europe/Berlin');
  });

  it('forgets a service that is no job any more, and one whose expression is not valid', async () => {
    const world = new World();
    for (const declared of [{ kind: 'none' }, { kind: 'job', cron: 'nonsense' }] as const) {
      world.declared = { kind: 'job', cron: '* * * * * *' };
      await world.scheduler()();
      assert.ok(world.schedule.entry(service));
      world.declared = declared;
      assert.deepEqual(await world.scheduler()(), {});
      assert.equal(world.schedule.entry(service), null);
    }
    assert.deepEqual(world.notices, ['gone report', 'invalid report nonsense']);
  });

  it('says what is owed before it forgets the service', async () => {
    const world = new World();
    await world.scheduler()();
    world.pass(1_000);
    await assert.rejects(world.scheduler(() => true)());
    world.declared = { kind: 'none' };
    await world.scheduler()();
    assert.deepEqual([world.said(), world.schedule.entry(service)], [[1], null]);
  });

  it('does not forget a clock that another one goes on with, who knows that the service is a job again', async () => {
    const world = new World();
    let dies = true;
    const other = world.scheduler(() => dies);
    await world.scheduler()();
    world.pass(1_000);
    await assert.rejects(world.scheduler(() => true)());
    const late = world.scheduler(undefined, async () => {
      world.declared = { kind: 'job', cron: '* * * * * *' };
      await other();
      world.pass(1_000);
      await assert.rejects(other(), 'the next instant is written, and not said yet');
      dies = false;
    });
    world.declared = { kind: 'none' };
    assert.deepEqual(await late(), { requeueAfterMs: 50 });
    await other();
    world.monotonicMs += 1_000;
    await other();
    assert.deepEqual(world.said(), [1, 2]);
    assert.equal(world.schedule.entry(service)?.value.last, '2026-01-02T03:04:07.000Z');
  });

  it('changes nothing while the configuration is not known', async () => {
    const world = new World();
    await world.scheduler()();
    const before = world.schedule.entry(service);
    world.declared = { kind: 'unknown' };
    world.pass(5_000);
    assert.deepEqual(await world.scheduler()(), { requeueAfterMs: 1_000 });
    assert.deepEqual([world.schedule.entry(service), world.said()], [before, []]);
  });

  it('leaves a fresh debt to the one who made it, and pays an old one', async () => {
    const world = new World();
    const other = world.scheduler();
    await other();
    world.pass(1_000);
    await assert.rejects(world.scheduler(() => true)());
    assert.deepEqual(await other(), { requeueAfterMs: 1_000 });
    assert.deepEqual(world.said(), []);
    world.pass(999);
    assert.deepEqual(await other(), { requeueAfterMs: 1_000 });
    assert.deepEqual(world.said(), []);
    world.pass(1);
    await other();
    assert.deepEqual(world.said(), [1, 2]);
  });
});

describe('instants that nobody looked at', () => {
  it('are told as one, before the instant that still fires', async () => {
    const world = new World();
    await world.scheduler()();
    world.pass(3_600_000);
    await world.scheduler()();
    assert.deepEqual([world.missed(), world.said()], [[[3_589, mostMissedCounted]], [3_590]]);
    const value = world.schedule.entry(service)?.value;
    assert.deepEqual([value?.last, value?.owes], ['2026-01-02T04:03:55.000Z', undefined]);
  });

  it('of many jobs leave room between any two of them for what else the process does', async () => {
    const world = new World();
    world.declared = { kind: 'job', cron: '* * * * *' };
    const advance = world.scheduler();
    const names = Array.from({ length: 20 }, (_, index) => ServiceName.parse(`report-${index}`));
    for (const name of names) await advance(name);
    world.pass(60 * 3_600_000);
    let [beats, isOver] = [0, false];
    const beat = () => {
      beats += 1;
      if (!isOver) setImmediate(beat);
    };
    beat();
    const doneAt = await Promise.all(
      names.map(async (name) => {
        await advance(name);
        return beats;
      }),
    );
    isOver = true;
    assert.equal(new Set(doneAt).size, names.length, 'each was done in a turn of its own');
    assert.equal(world.missed().length, names.length);
  });

  it('are told when nothing fires, and leave no trace that would keep a job from firing when only the clock was ahead', async () => {
    const world = new World();
    world.declared = { kind: 'job', cron: '0 5 * * * *' };
    await world.scheduler()();
    world.pass(3 * 3_600_000);
    await world.scheduler()();
    assert.deepEqual([world.missed(), world.said()], [[[55 + 2 * 3_600, 3]], []]);
    const value = world.schedule.entry(service)?.value;
    assert.deepEqual([value?.last, value?.next], [null, '2026-01-02T06:05:00.000Z']);
    world.nowMs = start;
    await world.scheduler()();
    assert.equal(world.schedule.entry(service)?.value.next, '2026-01-02T03:05:00.000Z');
  });

  it('are told once, also when whoever found them was killed before the word', async () => {
    const world = new World();
    world.declared = { kind: 'job', cron: '0 5 * * * *' };
    await world.scheduler()();
    world.pass(3_600_000);
    await assert.rejects(world.scheduler(() => true)());
    assert.deepEqual(world.missed(), []);
    const next = world.scheduler();
    for (let look = 0; look < 3; look += 1) {
      await next();
      world.monotonicMs += 1_000;
    }
    assert.deepEqual(world.missed(), [[55, 1]]);
  });
});

describe('several schedulers', () => {
  const turns = fc.array(fc.record({ who: fc.nat(2), ms: fc.integer({ min: 0, max: 1_500 }), dies: fc.boolean() }), {
    minLength: 1,
    maxLength: 80,
  });

  it('say every instant once and in order, whoever is called when and dies where', async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (plan) => {
        const world = new World();
        let dies = false;
        const make = () => world.scheduler(() => dies);
        const schedulers = [make(), make(), make()];
        await schedulers[0]?.();
        for (const turn of plan) {
          world.pass(turn.ms);
          dies = turn.dies;
          // One that died is started again and remembers nothing.
          await untilItRests(schedulers[turn.who] ?? make()).catch(() => (schedulers[turn.who] = make()));
        }
        dies = false;
        // In the end two quiet looks, a grace apart, so that the last debt is paid.
        await untilItRests(schedulers[0] ?? make());
        world.monotonicMs += 1_000;
        await untilItRests(schedulers[0] ?? make());

        const said = world.said();
        const told = said.length + world.missed().reduce((sum, [, count]) => sum + count, 0);
        const last = Math.floor((world.nowMs - start) / 1_000);
        assert.deepEqual(
          said,
          [...new Set(said)].toSorted((left, right) => left - right),
        );
        assert.equal(said.at(-1) ?? 0, last);
        assert.equal(told, last, 'what did not fire was counted');
        // With deaths the schedulers may stand still for longer than the time in which every instant is made up for.
        if (plan.every((turn) => !turn.dies))
          assert.deepEqual(
            said,
            Array.from({ length: last }, (_, index) => index + 1),
          );
      }),
      { numRuns: 200 },
    );
  });

  async function untilItRests(advance: () => Promise<PassResult>): Promise<void> {
    while ((await advance()).requeueAfterMs === 0);
  }

  it('race for the same instant, and only one says it', async () => {
    const world = new World();
    const schedulers = Array.from({ length: 5 }, () => world.scheduler());
    await schedulers[0]?.();
    for (let second = 1; second <= 10; second += 1) {
      world.nowMs = start + second * 1_000;
      world.monotonicMs += 1_000;
      const results = await Promise.all(schedulers.map((advance) => advance()));
      assert.equal(results.filter(({ requeueAfterMs }) => requeueAfterMs === 1_000).length, 1);
    }
    assert.deepEqual(world.said(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    assert.equal(world.schedule.said.size, 10);
  });
});
