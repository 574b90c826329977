import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { anyCharacter } from './any-character.ts';

describe('any character', () => {
  it('is each that there is, and no half of one', () => {
    for (const character of ['\0', 'a', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '🚢', '\u{10ffff}'])
      assert.ok(anyCharacter.canShrinkWithoutContext(character), character);
    for (const other of ['', 'ab', '\ud800', '\udfff', 1]) assert.ok(!anyCharacter.canShrinkWithoutContext(other), String(other));
    fc.assert(fc.property(anyCharacter, (character) => character.isWellFormed() && [...character].length === 1));
  });

  it('makes texts with the words that programs stumble over, too', () => {
    const texts = fc.sample(fc.string({ unit: anyCharacter }), { numRuns: 5_000, seed: 1 });
    assert.ok(texts.some((text) => text.includes('__proto__')));
  });
});
