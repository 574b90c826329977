import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DurationHistogram, durationBounds } from './duration-histogram.ts';

describe('durations', () => {
  it('are counted in the smallest bucket that has room for them, its bound included', () => {
    const durations = new DurationHistogram();
    for (const seconds of [0, 0.001, 0.00125, 60, 60.5]) durations.observe(seconds);
    const filled = durations.counts.flatMap((count, index) => (count > 0 ? [[durationBounds[index] ?? 'more', count]] : []));
    assert.deepEqual(filled, [
      [0.001, 2],
      [0.0025, 1],
      [60, 1],
      ['more', 1],
    ]);
    assert.equal(durations.sum, 120.50225);
  });
});
