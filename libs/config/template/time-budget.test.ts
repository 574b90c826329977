import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBudget } from './time-budget.ts';

describe('a budget of time', () => {
  it('is shared by all that spend of it, and each has no more than is left of the whole', () => {
    const whole = createBudget(10);
    const [first, second] = [createBudget(8, whole), createBudget(8, whole)];
    first.spend(5);
    assert.deepEqual([first.leftMs(), second.leftMs(), whole.leftMs()], [3, 5, 5]);
  });

  it('remembers that it was over for one, not for the others', () => {
    const whole = createBudget(10);
    const [first, second] = [createBudget(8, whole), createBudget(8, whole)];
    assert.equal(first.over('ended'), 'ended');
    assert.deepEqual([first.isOver(), second.isOver(), whole.isOver()], [true, false, false]);
  });
});
