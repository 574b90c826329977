import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faultExtent, keyOf } from './fault-extent.ts';

describe('how far a fault reaches', () => {
  for (const [written, unknown, goesOn] of [
    ['a = oops', 'value', false],
    ['a = oops # why', 'value', false],
    ['a = "x', 'value', false],
    ["a.b = x'", 'value', false],
    ['a = "x" y', 'value', false],
    ['a = ["x", "y"', 'value', false],
    ['a = "x", "y"]', 'value', false],
    ['a = "x" b = 80', 'table', false],
    ['a = 8080b = 80', 'table', false],
    ['a = { b = 1', 'table', true],
    ['a =', 'table', true],
    ['a = "x"c]', 'anything', false],
    ['a = "x" [c] d = 1', 'anything', false],
    ['a = "[" [c', 'anything', true],
    ['a = [\n"x"\n"y"]', 'anything', true],
    ['c]', 'anything', false],
    ['a "x"', 'anything', false],
    ['"x",', 'anything', true],
  ] as const) {
    it(`of ${JSON.stringify(written)}`, () => {
      assert.deepEqual(faultExtent('pair', `${written}\n`), { unknown, goesOn, isBottomless: false });
    });
  }

  it('of a header, and of a comment', () => {
    const { unknown, goesOn } = faultExtent('header', '[[a]\n');
    assert.deepEqual([unknown, goesOn], ['anything', false]);
    assert.equal(faultExtent('header', '[a] b = [\n').goesOn, true);
    assert.equal(faultExtent('comment', '# \u0001 a = [\n').unknown, 'nothing');
  });

  it('has no end where a text of several lines has none', () => {
    for (const quotes of ['"""', "'''"]) assert.equal(faultExtent('pair', `a' = [${quotes}\n`).isBottomless, true);
  });
});

describe('the key of a statement', () => {
  for (const [written, key] of [
    ['a = 1', 'a'],
    ['a . "b c".d-e= x', 'a . "b c".d-e'],
    ["a' = 1", null],
    ['a 1', null],
  ] as const) {
    it(`in ${written}`, () => assert.equal(keyOf(written), key));
  }
});
