import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mostMissedCounted } from '@kedge/shared/contracts';
import { type CronClock, parseCron } from '@kedge/shared/cron';
import fc from 'fast-check';
import type { Missed } from './find-missed.ts';
import { type JobClock, lateMs, nextFire, onTimeMs } from './next-fire.ts';

const at = (time: string) => new Date(`2026-01-02T${time}Z`);
const everySecond = clockOf('* * * * * *');
const everyMinute = clockOf('0 * * * * *');

function clockOf(expression: string, zone = 'UTC') {
  const parsed = parseCron(expression, zone);
  assert.ok(parsed.ok);
  return parsed.clock;
}

describe('nextFire', () => {
  it('plans a new job without firing it', () => {
    assert.deepEqual(nextFire(everyMinute, { last: null, next: null, now: at('03:04:05') }), {
      kind: 'plan',
      next: at('03:05:00'),
      reason: 'first',
    });
  });

  it('waits for the planned instant', () => {
    assert.deepEqual(nextFire(everyMinute, { last: null, next: at('03:05:00'), now: at('03:04:59.999') }), {
      kind: 'wait',
      next: at('03:05:00'),
    });
  });

  it('fires at the instant and plans the next', () => {
    assert.deepEqual(nextFire(everyMinute, { last: at('03:04:00'), next: at('03:05:00'), now: at('03:05:00') }), {
      kind: 'fire',
      instant: at('03:05:00'),
      next: at('03:06:00'),
      reason: 'on-time',
      missed: null,
    });
  });

  it('fires every instant of a process that was busy, oldest first', () => {
    assert.deepEqual(nextFire(everySecond, { last: at('03:04:04'), next: at('03:04:05'), now: at('03:04:08') }), {
      kind: 'fire',
      instant: at('03:04:05'),
      next: at('03:04:06'),
      reason: 'on-time',
      missed: null,
    });
  });

  it('fires one that is late, but not one that is too late', () => {
    const planned = { last: null, next: at('03:05:00') };
    const daily = clockOf('0 5 3 * * *');
    const lateBy = (ms: number) => nextFire(daily, { ...planned, now: new Date(planned.next.getTime() + ms) });
    const next = new Date('2026-01-03T03:05:00Z');
    assert.deepEqual(lateBy(onTimeMs + 1), { kind: 'fire', instant: planned.next, next, reason: 'late', missed: null });
    assert.deepEqual(lateBy(lateMs), { kind: 'fire', instant: planned.next, next, reason: 'late', missed: null });
    assert.deepEqual(lateBy(lateMs + 1), { kind: 'miss', next, missed: { last: planned.next, count: 1 } });
  });

  it('does not replay what an outage left out, and tells of it', () => {
    const everyHalfMinute = clockOf('*/30 * * * * *');
    assert.deepEqual(nextFire(everyHalfMinute, { last: null, next: at('03:00:00'), now: at('04:00:15') }), {
      kind: 'fire',
      instant: at('04:00:00'),
      next: at('04:00:30'),
      reason: 'late',
      missed: { last: at('03:59:30'), count: mostMissedCounted },
    });
  });

  it('fires nothing again when the clock goes back', () => {
    const after = { last: at('03:05:00'), next: at('03:06:00') };
    assert.deepEqual(nextFire(everyMinute, { ...after, now: at('02:00:00') }), { kind: 'wait', next: at('03:06:00') });
  });

  it('fires nothing again when what was planned had fired already', () => {
    const inconsistent = { last: at('03:05:00'), next: at('03:05:00') };
    assert.deepEqual(nextFire(everyMinute, { ...inconsistent, now: at('03:05:01') }), {
      kind: 'plan',
      next: at('03:06:00'),
      reason: 'fired-already',
    });
  });

  it('plans anew when the clock went back before anything fired', () => {
    assert.deepEqual(nextFire(everyMinute, { last: null, next: at('09:00:00'), now: at('03:04:05') }), {
      kind: 'plan',
      next: at('03:05:00'),
      reason: 'clock-went-back',
    });
  });

  it('plans a changed expression after the last instant that fired, though the clock went back', () => {
    assert.deepEqual(nextFire(everySecond, { last: at('03:05:00'), next: null, now: at('02:00:00') }), {
      kind: 'plan',
      next: at('03:05:01'),
      reason: 'first',
    });
  });

  it('waits for nothing when there is no instant any more', () => {
    const past = clockOf('0 0 0 1 1 * 2020');
    assert.deepEqual(nextFire(past, { last: null, next: null, now: at('03:04:05') }), { kind: 'wait', next: null });
    const lastOne = clockOf('0 5 3 2 1 * 2026');
    assert.deepEqual(nextFire(lastOne, { last: null, next: at('03:05:00'), now: at('03:05:01') }), {
      kind: 'fire',
      instant: at('03:05:00'),
      next: null,
      reason: 'on-time',
      missed: null,
    });
  });
});

describe('a job over time', () => {
  const clocks = new Map<string, Pick<CronClock, 'nextAfter'>>();

  /** The clock in Berlin. All runs share it, and it is asked about each moment once: they are about the same few days. */
  function inBerlin(expression: string): Pick<CronClock, 'nextAfter'> {
    const known = clocks.get(expression);
    if (known) return known;
    const clock = clockOf(expression, 'Europe/Berlin');
    const answers = new Map<number, Date | null>();
    const remembering = {
      nextAfter(after: Date) {
        const answer = answers.get(after.getTime());
        if (answer !== undefined) return answer;
        const next = clock.nextAfter(after);
        answers.set(after.getTime(), next);
        return next;
      },
    };
    clocks.set(expression, remembering);
    return remembering;
  }

  interface Run {
    readonly fired: Date[];
    readonly missed: Missed[];
  }

  /** Passes at these moments, each repeated until nothing is left to do. */
  function run(expression: string, moments: readonly Date[]): Run {
    const clock = inBerlin(expression);
    let job: JobClock = { last: null, next: null };
    const fired: Date[] = [];
    const missed: Missed[] = [];
    let passes = 0;
    for (const now of moments) {
      for (;;) {
        passes += 1;
        const decision = nextFire(clock, { ...job, now });
        if (decision.kind === 'wait') break;
        job = { last: decision.kind === 'fire' ? decision.instant : job.last, next: decision.next };
        if (decision.kind === 'fire') fired.push(decision.instant);
        if ('missed' in decision && decision.missed) missed.push(decision.missed);
        assert.ok(passes < 100_000, 'never settles');
      }
    }
    return { fired, missed };
  }

  const expressions = fc.constantFrom('* * * * * *', '*/2 * * * * *', '*/7 * * * * *', '0 * * * * *', '30 */5 * * * *', '15 30 2 * * *');
  const start = fc
    .constantFrom('2026-01-02T03:04:05Z', '2026-03-29T00:58:00Z', '2026-10-25T00:29:00Z', '2026-10-25T00:58:00Z')
    .map((text) => Date.parse(text));

  it('fires each instant once, in order, however often it is looked at', () => {
    fc.assert(
      fc.property(
        expressions,
        start,
        fc.array(fc.integer({ min: 1, max: onTimeMs - 1_000 }), { minLength: 1, maxLength: 60 }),
        (expression, from, steps) => {
          const moments = steps.map((_, index) => new Date(from + steps.slice(0, index).reduce((sum, step) => sum + step, 0)));
          const { fired } = run(expression, moments);
          const clock = inBerlin(expression);
          const expected: Date[] = [];
          const [first, last] = [moments[0], moments.at(-1)];
          assert.ok(first && last);
          for (let next = clock.nextAfter(first); next && next <= last; next = clock.nextAfter(next)) expected.push(next);
          assert.deepEqual(fired, expected);
        },
      ),
    );
  });

  it('fires each instant or counts it as missed, however long nobody looks', () => {
    const rareExpressions = fc.constantFrom('30 5 */3 * * *', '15 30 2 * * *', '0 0 */2 * * *');
    const pauses = fc.array(fc.integer({ min: 1, max: 86_400_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(rareExpressions, start, pauses, (expression, from, steps) => {
        const moments = [0, ...steps].map((_, index) => new Date(from + steps.slice(0, index).reduce((sum, step) => sum + step, 0)));
        const { fired, missed } = run(expression, moments);
        const clock = inBerlin(expression);
        const [first, last] = [moments[0], moments.at(-1)];
        assert.ok(first && last);
        let expected = 0;
        for (let next = clock.nextAfter(first); next && next <= last; next = clock.nextAfter(next)) expected += 1;
        assert.equal(
          missed.reduce((sum, { count }) => sum + count, fired.length),
          expected,
        );
        const told = [...fired, ...missed.map((each) => each.last)].map((instant) => instant.getTime());
        assert.equal(new Set(told).size, told.length);
      }),
      { numRuns: 40 },
    );
  });

  it('never fires an instant twice, never an old one and always comes to rest, whatever the clock does', () => {
    fc.assert(
      fc.property(
        expressions,
        start,
        fc.array(fc.integer({ min: -7_200_000, max: 7_200_000 }), { minLength: 2, maxLength: 40 }),
        (expression, from, jumps) => {
          const moments = jumps.map((_, index) => new Date(from + jumps.slice(0, index + 1).reduce((sum, jump) => sum + jump, 0)));
          const latestMoment = Math.max(...moments.map((moment) => moment.getTime()));
          const { fired } = run(expression, moments);
          for (const [index, instant] of fired.entries()) {
            const before = fired[index - 1];
            assert.ok(!before || instant > before);
            assert.ok(instant.getTime() <= latestMoment);
            assert.ok(moments.some((moment) => moment >= instant && moment.getTime() - instant.getTime() <= lateMs));
          }
        },
      ),
    );
  });
});
