import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comesAgainAfterMs } from './comes-again.ts';

const waits = Array.from({ length: 50 }, (_, index) => comesAgainAfterMs(index + 1, 0.99));

describe('a command that failed', () => {
  it('comes again several times within the minute in which the run of a job is not late', () => {
    const seconds = waits.map((_, index) => waits.slice(0, index + 1).reduce((sum, wait) => sum + wait, 0) / 1_000);
    assert.equal(seconds.filter((at) => at < 60).length, 4);
  });

  it('comes ever later, and in the end so rarely that a hundred that take a second each leave most of the time to the others', () => {
    assert.deepEqual(
      waits,
      waits.toSorted((one, other) => one - other),
    );
    const busyMs = 100 * 1_000;
    assert.ok(busyMs / comesAgainAfterMs(50, 0) < 0.5);
  });

  it('comes again within six minutes however often it failed: what was in its way may have gone', () => {
    assert.ok(Math.max(...waits) <= 360_000);
  });
});
