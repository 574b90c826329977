import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFailureCounts } from './failure-counts.ts';

describe('failures in a row', () => {
  it('are counted for each by itself, until it goes well', () => {
    const counts = createFailureCounts();
    assert.deepEqual([counts.failed(1), counts.failed(2), counts.failed(1)], [1, 1, 2]);
    counts.forget(1);
    assert.deepEqual([counts.failed(1), counts.failed(2)], [1, 2]);
  });

  it('are forgotten, the oldest first, where there are too many', () => {
    const counts = createFailureCounts(2);
    for (const key of [1, 2, 2, 3]) counts.failed(key);
    assert.deepEqual([counts.failed(2), counts.failed(3), counts.failed(1)], [3, 2, 1]);
  });
});
