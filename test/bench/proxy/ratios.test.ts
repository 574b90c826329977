import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Measurement, median, summarise } from './ratios.ts';

const of = (round: number, candidate: string, cpuSecondsPer100k: number): Measurement => ({
  round,
  case: 'plain',
  candidate,
  requests: 1_000,
  perSecond: 100,
  cpuSecondsPer100k,
  p99Ms: cpuSecondsPer100k,
  residentMib: 10 * round,
  failures: round,
});

describe('ratios', () => {
  it('compares within a round, so that a slow one does not count for more', () => {
    const measured = [of(1, 'ours', 1), of(1, 'theirs', 2), of(2, 'ours', 50), of(2, 'theirs', 100), of(3, 'ours', 3), of(3, 'theirs', 4)];
    const [ours, theirs] = summarise(measured, 'ours');
    assert.equal(ours?.cpuRatio, 1);
    assert.equal(theirs?.cpuRatio, 0.5);
    assert.deepEqual([theirs?.cpuSecondsPer100k, theirs?.residentMib, theirs?.failures], [4, 30, 6]);
  });

  it('knows the middle', () => {
    assert.deepEqual([median([3, 1, 2]), median([4, 1]), median([])], [2, 2.5, Number.NaN]);
  });
});
