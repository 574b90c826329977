import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sameJson } from '@kedge/shared/kernel';
import fc from 'fast-check';
import { sameValue } from './same-value.ts';

describe('equal values', () => {
  it('are those with the same canonical JSON', () => {
    const value = fc.jsonValue({ maxDepth: 3 }).map((each) => JSON.parse(JSON.stringify(each)) as unknown);
    fc.assert(fc.property(value, value, (left, right) => assert.equal(sameValue(left, right), sameJson(left, right))));
    fc.assert(fc.property(value, (each) => assert.ok(sameValue(each, structuredClone(each)))));
  });

  for (const [left, right, same] of [
    [{ a: 1, b: [1, { c: 'x' }] }, { b: [1, { c: 'x' }], a: 1 }, true],
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ a: 1, b: undefined }, { a: 1, c: 2 }, false],
    [{ a: undefined, b: 1 }, { b: 1, c: 2 }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [{ constructor: 1 }, { x: 1 }, false],
    [null, {}, false],
    ['1', 1, false],
  ] as const) {
    it(`${JSON.stringify(left)} and ${JSON.stringify(right)} are ${same ? 'the same' : 'not'}`, () => {
      assert.equal(sameValue(left, right), same);
      assert.equal(sameValue(right, left), same);
    });
  }
});
