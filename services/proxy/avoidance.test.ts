import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAvoidance } from './avoidance.ts';

describe('a target that could not be reached', () => {
  it('is avoided for a while, then tried by one request at a time', () => {
    let nowMs = 0;
    const { avoid, isAvoided, tries } = createAvoidance(() => nowMs);
    tries('a');
    assert.equal(isAvoided('a'), false);
    avoid('a');
    assert.deepEqual([isAvoided('a'), isAvoided('b')], [true, false]);
    nowMs = 10_000;
    assert.equal(isAvoided('a'), false);
    tries('a');
    assert.equal(isAvoided('a'), true);
    nowMs = 20_000;
    assert.equal(isAvoided('a'), false);
  });

  it('is like any other once it answered', () => {
    const { avoid, forgive, isAvoided } = createAvoidance(() => 0);
    avoid('a');
    forgive('a');
    assert.equal(isAvoided('a'), false);
  });
});
