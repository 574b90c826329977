import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterFailure, afterSuccess, blameless, isPanic, type Standing } from './ejection.ts';

const plan = { failures: 3, baseMs: 10, maxMs: 35, panicPercent: 50 };

/** `x` fails and `o` does well, each at its time. */
function after(...events: readonly (readonly ['x' | 'o', nowMs: number])[]): Standing {
  return events.reduce<Standing>(
    (standing, [event, nowMs]) => (event === 'x' ? afterFailure(standing, plan, nowMs) : (afterSuccess(standing, nowMs) ?? blameless)),
    blameless,
  );
}

describe('leaving a target out', () => {
  it('takes failures in a row', () => {
    assert.equal(after(['x', 0], ['x', 1]).untilMs, 0);
    assert.equal(after(['x', 0], ['x', 1], ['o', 2], ['x', 3], ['x', 4]).untilMs, 0);
    assert.equal(after(['x', 0], ['x', 1], ['x', 2]).untilMs, 12);
  });

  it('lasts twice as long each time, up to a bound, and one failure is enough after it', () => {
    const once = [
      ['x', 0],
      ['x', 0],
      ['x', 0],
    ] as const;
    assert.equal(after(...once, ['x', 10]).untilMs, 30);
    assert.equal(after(...once, ['x', 10], ['x', 30]).untilMs, 65);
    assert.equal(after(...once, ['x', 10], ['x', 30], ['x', 65]).untilMs, 100);
  });

  it('is forgotten by one that does well afterwards, and not by what was under way before', () => {
    const once = [
      ['x', 0],
      ['x', 0],
      ['x', 0],
    ] as const;
    assert.deepEqual(after(...once, ['o', 10]), blameless);
    assert.equal(after(...once, ['o', 9]).untilMs, 10);
    assert.equal(after(...once, ['x', 9]).untilMs, 10);
  });

  it('ends where too few would be left', () => {
    for (const [all, left, panic] of [
      [4, 2, false],
      [4, 1, true],
      [3, 2, false],
      [3, 1, true],
      [1, 0, true],
      [2, 1, false],
    ] as const)
      assert.equal(isPanic({ all, left, panicPercent: 50 }), panic, `${left} of ${all}`);
    assert.equal(isPanic({ all: 4, left: 1, panicPercent: 0 }), false);
    assert.equal(isPanic({ all: 4, left: 0, panicPercent: 0 }), true);
  });
});
