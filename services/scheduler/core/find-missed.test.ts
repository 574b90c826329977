import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mostMissedCounted } from '@kedge/shared/contracts';
import { type CronClock, parseCron } from '@kedge/shared/cron';
import fc from 'fast-check';
import { findMissed } from './find-missed.ts';

/** A clock that counts how often it is asked: each question takes up to half a millisecond, in which nothing else goes on. */
function countingClock(expression: string): { readonly clock: Pick<CronClock, 'nextAfter'>; readonly asked: () => number } {
  const clock = clockOf(expression);
  let questions = 0;
  const nextAfter = (after: Date) => {
    questions += 1;
    return clock.nextAfter(after);
  };
  return { clock: { nextAfter }, asked: () => questions };
}

function clockOf(expression: string, zone = 'UTC') {
  const parsed = parseCron(expression, zone);
  assert.ok(parsed.ok);
  return parsed.clock;
}

const at = (time: string) => new Date(`${time}Z`);

describe('findMissed', () => {
  const table: readonly (readonly [title: string, cron: string, after: string, before: string, last: string | null, count: number])[] = [
    ['there is none', '0 0 3 * * *', '2026-01-01T03:00:00', '2026-01-02T03:00:00', null, 0],
    ['there is one', '0 0 3 * * *', '2026-01-01T02:59:59.999', '2026-01-02T03:00:00', '2026-01-01T03:00:00', 1],
    ['the last is told with the number of all', '0 */30 * * * *', '2026-01-01T00:00:00', '2026-01-01T05:00:00', '2026-01-01T04:30:00', 9],
    ['the expression ends', '0 0 0 1 1 * 2026', '2025-01-01T00:00:00', '2030-01-01T00:00:00', '2026-01-01T00:00:00', 1],
    ['years of seconds', '* * * * * *', '2020-01-01T00:00:00', '2026-01-01T00:00:00', '2025-12-31T23:59:59', mostMissedCounted],
    ['many on few days', '* * 3 1 * *', '2020-01-01T00:00:00', '2026-01-20T00:00:00', '2026-01-01T03:59:59', mostMissedCounted],
  ];
  for (const [title, cron, after, before, last, count] of table)
    it(title, () => {
      const missed = findMissed(clockOf(cron), { after: at(after), before: at(before) });
      assert.deepEqual(missed, last === null ? null : { last: at(last), count });
    });

  for (const [expression, after, most] of [
    ['0 * * * * *', '2026-01-02T17:00:00', 40],
    ['0 * * * * *', '2016-01-05T09:00:00', 50],
    ['* * * * * *', '2016-01-05T09:00:00', 50],
    ['0 0 9 * * *', '2016-01-05T09:00:00', 50],
  ] as const)
    it(`asks the clock of "${expression}" a few times only when nobody looked since ${after}`, () => {
      const { clock, asked } = countingClock(expression);
      assert.equal(findMissed(clock, { after: at(after), before: at('2026-01-05T09:00:00') })?.count, mostMissedCounted);
      assert.ok(asked() <= most, `asked ${asked()} times`);
    });

  it('names the very last one where there is one each second, however the halves fall', () => {
    const clock = clockOf('* * * * * *');
    const after = at('2026-01-01T00:00:00');
    for (let seconds = 2; seconds < 80; seconds += 1) {
      const last = findMissed(clock, { after, before: new Date(after.getTime() + seconds * 1_000) })?.last;
      assert.deepEqual(last, new Date(after.getTime() + (seconds - 1) * 1_000));
    }
  });

  it('names the newest instant, whatever clocks do in between', () => {
    const cron = fc.constantFrom('*/20 * * * * *', '0 */7 * * * *', '0 30 2 * * *', '0 0 * * * MON');
    const start = fc.integer({ min: Date.parse('2026-03-20T00:00:00Z'), max: Date.parse('2026-11-01T00:00:00Z') });
    fc.assert(
      fc.property(cron, start, fc.integer({ min: 0, max: 20 * 86_400_000 }), (expression, from, forMs) => {
        const clock = clockOf(expression, 'Europe/Berlin');
        const before = new Date(from + forMs);
        const missed = findMissed(clock, { after: new Date(from), before });
        const first = clock.nextAfter(new Date(from));
        if (!missed) return assert.ok(first === null || first >= before);
        assert.ok(first && missed.last >= first && missed.last < before);
        assert.ok((clock.nextAfter(missed.last) ?? before) >= before);
        assert.deepEqual(clock.nextAfter(new Date(missed.last.getTime() - 1)), missed.last);
      }),
      { numRuns: 60 },
    );
  });
});
