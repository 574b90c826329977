import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { withoutTexts } from './quoted-texts.ts';

describe('a text without what is quoted in it', () => {
  for (const [text, bare, open] of [
    ['a = "b" # "c', 'a = ___ ____', null],
    ['a = "b\\"c" \'d"\'', 'a = ______ ____', null],
    ['a = "b # c\nd = "e"', 'a = "b ___\nd = ___', 4],
    ['"\\"\\"\'x\'', '"\\"\\"___', 0],
    ["a = 'b\\'c'", "a = ____c'", 9],
  ] as const) {
    it(`keeps its length: ${JSON.stringify(text)}`, () => assert.deepEqual(withoutTexts(text), { bare, open }));
  }

  it('is what a pattern makes of it that looks again behind each quote', () => {
    const pieces = fc.array(fc.constantFrom('"', "'", '\\', '#', '\n', 'a'), { maxLength: 30 });
    const property = fc.property(pieces, (parts) => {
      const text = parts.join('');
      const bare = text.replaceAll(/#[^\n]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/g, (found) => '_'.repeat(found.length));
      const at = bare.search(/["']/);
      assert.deepEqual(withoutTexts(text), { bare, open: at < 0 ? null : at });
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it('costs a walk along a line of quotes that nothing closes', () => {
    assert.equal(withoutTexts('"\\'.repeat(500_000)).open, 0);
  });
});
