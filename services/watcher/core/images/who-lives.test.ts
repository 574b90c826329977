import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { callRoll, type Sign } from './who-lives.ts';

describe('callRoll', () => {
  const lostAfterMs = 5_000;
  const signs = (entries: Record<string, Sign>) => new Map(Object.entries(entries));
  const revisions = (entries: Record<string, number>) => new Map(Object.entries(entries));
  const cases: readonly {
    readonly name: string;
    readonly before: Record<string, Sign>;
    readonly now: Record<string, number>;
    readonly alive: readonly string[];
  }[] = [
    { name: 'who is seen for the first time', before: {}, now: { b: 9, a: 3 }, alive: ['a', 'b'] },
    { name: 'whose lease changed', before: { a: { revision: 3, seenAtMs: 0 } }, now: { a: 4 }, alive: ['a'] },
    { name: 'whose lease changed lately', before: { a: { revision: 3, seenAtMs: 5_001 } }, now: { a: 3 }, alive: ['a'] },
    { name: 'nobody whose lease stands still', before: { a: { revision: 3, seenAtMs: 5_000 } }, now: { a: 3 }, alive: [] },
    { name: 'nobody whose lease is gone', before: { a: { revision: 3, seenAtMs: 9_999 } }, now: {}, alive: [] },
  ];
  for (const { name, before, now, alive } of cases) {
    it(`counts ${name}`, () => {
      const roll = callRoll({ before: signs(before), revisions: revisions(now), nowMs: 10_000, lostAfterMs });
      assert.deepEqual(roll.alive, alive);
      assert.deepEqual([...roll.signs.keys()].toSorted(), Object.keys(now).toSorted());
    });
  }

  it('takes somebody back who was lost and is heard again', () => {
    const lost = callRoll({
      before: signs({ a: { revision: 3, seenAtMs: 0 } }),
      revisions: revisions({ a: 3 }),
      nowMs: 9_000,
      lostAfterMs,
    });
    assert.deepEqual(lost.alive, []);
    assert.deepEqual(callRoll({ before: lost.signs, revisions: revisions({ a: 4 }), nowMs: 9_500, lostAfterMs }).alive, ['a']);
  });
});
