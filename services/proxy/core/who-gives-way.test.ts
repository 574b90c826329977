import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { whoGivesWay } from './who-gives-way.ts';

describe('a place that is to be given', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, number>>, number, string | null])[] = [
    ['comes from who has most', { a: 3, b: 5, c: 4 }, 0, 'b'],
    ['comes from the first of those who have most', { a: 3, b: 3 }, 0, 'a'],
    ['is not given by who would have fewer than who gets it', { a: 2, b: 2 }, 1, null],
    ['is not given by who has as many', { a: 3, b: 3 }, 3, null],
    ['is not given by who has but one', { a: 1, b: 1 }, 0, null],
    ['is given by nobody where nobody is', {}, 0, null],
  ];
  for (const [what, sizes, own, expected] of cases) {
    it(what, () => {
      const shares = Object.entries(sizes).map(([client, size]) => [client, { size }] as const);
      assert.equal(whoGivesWay(shares, own)?.[0] ?? null, expected);
    });
  }
});
