import fc from 'fast-check';

/** Halves of characters, which no well-formed text holds alone. */
const firstHalf = 0xd800;
const halves = 0x800;

/** The same unit of texts as fast-check's "binary", which makes a table of all million characters before the first text: that takes seconds. */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat({ max: 0x10ffff - halves })
  .map((index) => String.fromCodePoint(index < firstHalf ? index : index + halves), indexOf);

/** By this, fast-check finds the words that programs stumble over, and puts them into texts. */
function indexOf(character: unknown): number {
  const code = typeof character === 'string' && character.isWellFormed() ? character.codePointAt(0) : undefined;
  if (code === undefined || String.fromCodePoint(code) !== character) throw new TypeError('is not one character');
  return code < firstHalf ? code : code - halves;
}
