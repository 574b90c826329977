import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { afterPause, countFailures, nextLook } from './next-look.ts';

const look = (more: Partial<Parameters<typeof nextLook>[0]>) =>
  nextLook({ end: 'answered', watched: true, delay: 60, failures: 1, random: 0.5, ...more });

describe('the next look', () => {
  it('comes after the interval', () => {
    assert.deepEqual(look({}), { afterMs: 60_000, reason: 'interval' });
    assert.deepEqual(look({ end: 'absent' }), { afterMs: 60_000, reason: 'interval' });
    assert.deepEqual(look({ delay: 0 }), { afterMs: 1_000, reason: 'interval' });
  });

  it('comes later and later while the registry does not answer, ten minutes at most', () => {
    const waits = (delay: number) =>
      [1, 2, 3, 4, 5, 6, 7, 8, 99].map((failures) => look({ end: 'failed', delay, failures, random: 0 }).afterMs / 1_000);
    assert.deepEqual(waits(2), [2, 4, 10, 30, 60, 120, 300, 500, 500]);
    assert.deepEqual(waits(60), [60, 120, 300, 500, 500, 500, 500, 500, 500]);
    assert.deepEqual(waits(3_600), [500, 500, 500, 500, 500, 500, 500, 500, 500]);
  });

  it('comes later and later for an image that is not there and that nobody follows', () => {
    assert.deepEqual(look({ end: 'absent', watched: false, failures: 3, random: 0 }), { afterMs: 300_000, reason: 'back-off' });
    assert.equal(look({ end: 'absent', watched: false, failures: 3, random: 0, delay: 3_600 }).afterMs, 3_600_000);
  });

  it('is never before the registry allows it', () => {
    assert.deepEqual(look({ end: 'failed', retryAfterMs: 700_000, random: 0 }), { afterMs: 700_000, reason: 'retry-after' });
    assert.equal(look({ end: 'failed', retryAfterMs: 5 }).reason, 'back-off');
  });

  it('comes at another time by another chance: after the interval, in trouble, and after a pause', () => {
    for (const last of [{ end: 'answered' }, { end: 'failed' }, { end: 'failed', retryAfterMs: 700_000 }] as const) {
      const times = [0, 0.25, 0.5, 0.75].map((random) => look({ ...last, random }).afterMs);
      assert.equal(new Set(times).size, 4, `${times}`);
    }
    assert.deepEqual(
      [0, 0.5].map((random) => look({ random }).afterMs),
      [54_000, 60_000],
    );
  });

  it('is spread after a pause, over an interval at most', () => {
    assert.deepEqual(
      [0, 0.5].map((random) => afterPause(20_000, { delay: 60, random })),
      [20_000, 22_000],
    );
    assert.equal(afterPause(3_600_000, { delay: 10, random: 0.5 }), 3_605_000);
  });

  it('is never later than a timer can wait', () => {
    assert.equal(look({ delay: 99_999_999 }).afterMs, 2_147_483_647);
    assert.equal(look({ end: 'absent', watched: false, delay: 99_999_999 }).afterMs, 2_147_483_647);
  });

  it('is jittered by ten percent, and in trouble neither before the interval nor after ten minutes, unless the registry says so', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        random,
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(2_000_000),
        (chance, delay, failures, retryAfterMs) => {
          const intervalMs = Math.max(delay * 1_000, 1_000);
          const { afterMs } = look({ random: chance, delay });
          assert.ok(afterMs >= Math.floor(intervalMs * 0.9) && afterMs <= Math.ceil(intervalMs * 1.1));
          const failed = look({ end: 'failed', random: chance, delay, failures, retryAfterMs });
          assert.ok(failed.afterMs >= Math.min(intervalMs, 500_000) && failed.afterMs >= retryAfterMs);
          assert.ok(failed.afterMs <= Math.max(600_000, retryAfterMs * 1.2 + 1));
        },
      ),
    );
  });
});

describe('looks that did not find the image', () => {
  for (const [by, end, watched, count] of [
    ['plan', 'failed', true, 4],
    ['plan', 'absent', false, 4],
    ['plan', 'absent', true, 0],
    ['plan', 'answered', true, 0],
    ['check', 'failed', true, 3],
    ['check', 'absent', false, 3],
    ['check', 'absent', true, 0],
    ['check', 'answered', true, 0],
  ] as const) {
    const followed = watched ? 'watched' : 'unwatched';
    it(`are ${count} after three and a look of the ${by} at a ${followed} image that was ${end}`, () => {
      assert.equal(countFailures(3, { by, end, watched }), count);
    });
  }
});
