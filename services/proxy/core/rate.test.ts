import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { secondsUntil, takeOne } from './rate.ts';

describe('a rate', () => {
  it('gives so many at once, then one after the other', () => {
    let fullAt: number | undefined;
    const take = (now: number) => {
      const taken = takeOne({ count: 3, windowMs: 1_000 }, { fullAt, now });
      fullAt = taken.fullAt;
      return [taken.taken, taken.left, Math.ceil(taken.againMs - 1e-3)];
    };
    assert.deepEqual([0, 0, 0, 0, 100, 334, 334, 1_400].map(take), [
      [true, 2, 334],
      [true, 1, 667],
      [true, 0, 1_000],
      [false, 0, 334],
      [false, 0, 234],
      [true, 0, 1_000],
      [false, 0, 333],
      [true, 2, 334],
    ]);
  });

  it('never gives more in any window than twice, and over a long time no more than it says', () => {
    const times = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20 }), (pauses, count) => {
        let now = 0;
        let fullAt: number | undefined;
        let given = 0;
        for (const pause of pauses) {
          now += pause;
          const taken = takeOne({ count, windowMs: 1_000 }, { fullAt, now });
          fullAt = taken.fullAt;
          if (taken.taken) given += 1;
          else assert.ok(takeOne({ count, windowMs: 1_000 }, { fullAt, now: now + taken.againMs }).taken);
        }
        assert.ok(given <= count + (now / 1_000) * count + 1e-6);
      }),
    );
  });

  for (const [againMs, seconds] of [
    [0, 1],
    [1, 1],
    [1_000, 1],
    [1_000.000_000_1, 1],
    [2_999.999_999_9, 3],
    [3_000.33, 4],
    [3_001, 4],
    [300_000.000_000_06, 300],
  ] as const)
    it(`tells ${seconds} s of ${againMs} ms`, () => assert.equal(secondsUntil(againMs), seconds));

  it('gives one to whoever comes again when it was told', () => {
    const times = fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20 }), (pauses, count) => {
        const rate = { count, windowMs: 10_000 };
        let now = 0;
        let fullAt: number | undefined;
        for (const pause of pauses) {
          now += pause;
          const taken = takeOne(rate, { fullAt, now });
          fullAt = taken.fullAt;
          const again = takeOne(rate, { fullAt, now: now + secondsUntil(taken.againMs) * 1_000 });
          assert.ok(again.taken && (!taken.taken || again.left === count - 1));
        }
      }),
    );
  });
});
