import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { afterCheck, unchecked } from './check-standing.ts';

const after = (outcomes: string, check = { failures: 3, successes: 2 }) =>
  [...outcomes].reduce((standing, outcome) => afterCheck(standing, { isWell: outcome === 'o', check }), unchecked).isWell;

describe('what checks find', () => {
  for (const [outcomes, isWell] of [
    ['', true],
    ['xx', true],
    ['xxx', false],
    ['xxoxx', true],
    ['xxxo', false],
    ['xxxoo', true],
    ['xxxoxo', false],
    ['xxxooxx', true],
  ] as const) {
    it(`${outcomes || 'nothing'}: ${isWell ? 'well' : 'not well'}`, () => assert.equal(after(outcomes), isWell));
  }
});
