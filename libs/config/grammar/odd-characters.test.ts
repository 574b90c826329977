import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findOddCharacter, findOddOutsideTexts } from './odd-characters.ts';

describe('a character that cannot be seen, or looks like another one', () => {
  for (const [text, at, said] of [
    ['a\u00a0b', 1, 'U+00A0, a no-break space; write a plain blank'],
    ['\0', 0, 'U+0000, NUL; take it out'],
    ['ab\u200b', 2, 'U+200B, a zero-width space; take it out'],
    ['\u201cx\u201d', 0, 'U+201C, a curly quote; write " for a quote'],
    ['it\u2019s', 2, "U+2019, a curly quote; write ' for a quote"],
    ['a\r\nb\rc', 4, 'U+000D, a carriage return without a line feed; end each line with a line feed'],
    ['a\u2013b', 1, 'U+2013, an en dash; write "-"'],
    ['us\u0435r', 2, 'U+0435, a Cyrillic letter; write the letter that it looks like'],
    ['a\u0007', 1, 'U+0007, a control character; take it out'],
    ['\u2009a', 0, 'U+2009, a blank of its own kind; write a plain blank'],
    ['a\u2066b', 1, 'U+2066, a character that cannot be seen; take it out'],
  ] as const) {
    it(`is named: ${JSON.stringify(text)}`, () => {
      const odd = findOddCharacter(text);
      assert.deepEqual([odd?.at, `${odd?.name}; ${odd?.cure}`], [at, said]);
    });
  }

  it('is none that people write', () => {
    for (const text of ['', 'name = "web"\t# x\r\n', 'münchen 🚢 漢字 é']) assert.equal(findOddCharacter(text), null);
  });

  it('may stand in texts and comments', () => {
    for (const line of [`a = "x\u00a0" # \u201c`, "a = 'x\u200b'", 'a = "x\\"\u00a0"']) assert.equal(findOddOutsideTexts(line), null);
    assert.equal(findOddOutsideTexts('a = "\u00a0" \u00a0')?.at, 8);
  });
});
