import { withoutTexts } from './quoted-texts.ts';

/** A character that cannot be seen, or looks like another one that was meant. */
export interface OddCharacter {
  readonly at: number;
  /** Such as `U+00A0, a no-break space`. */
  readonly name: string;
  /** What to do about it. */
  readonly cure: string;
}

/** Of a refusal that no odd character is the cause of, or that names it itself: none is told beside it. */
export const notOdd = { odd: false } as const;

const takeOut = 'take it out';
const blank = 'write a plain blank';
const likeDouble = `write " for a quote`;
const likeSingle = `write ' for a quote`;

/** Each with the characters that it holds, by their names. */
const kinds: readonly (readonly [cure: string, names: Readonly<Record<number, string>>])[] = [
  [
    takeOut,
    {
      0: 'NUL',
      127: 'DEL',
      173: 'a soft hyphen',
      8203: 'a zero-width space',
      8204: 'a zero-width non-joiner',
      8205: 'a zero-width joiner',
      8206: 'a left-to-right mark',
      8207: 'a right-to-left mark',
      8288: 'a word joiner',
      65279: 'a byte order mark',
    },
  ],
  ['end each line with a line feed', { 13: 'a carriage return without a line feed', 133: 'a next line', 8232: 'a line separator' }],
  [blank, { 160: 'a no-break space', 8239: 'a narrow no-break space', 12288: 'an ideographic space' }],
  [likeDouble, { 8220: 'a curly quote', 8221: 'a curly quote', 8222: 'a low quote', 171: 'an angle quote', 187: 'an angle quote' }],
  [likeSingle, { 8216: 'a curly quote', 8217: 'a curly quote', 8218: 'a low quote', 180: 'an acute accent' }],
  ['write "-"', { 8208: 'a hyphen of its own', 8209: 'a no-break hyphen', 8211: 'an en dash', 8212: 'an em dash', 8722: 'a minus sign' }],
  ['write "="', { 65309: 'a full-width equals sign' }],
];

const known = new Map(
  kinds.flatMap(([cure, names]) => Object.entries(names).map(([code, name]) => [Number(code), { name, cure }] as const)),
);
/** The same by what characters are, where they have no entry of their own. */
const classes: readonly (readonly [RegExp, name: string, cure: string])[] = [
  [/\p{Cc}/u, 'a control character', takeOut],
  [/\p{Cf}/u, 'a character that cannot be seen', takeOut],
  [/\p{Z}/u, 'a blank of its own kind', blank],
  [/\p{Script=Cyrillic}/u, 'a Cyrillic letter', 'write the letter that it looks like'],
  [/\p{Script=Greek}/u, 'a Greek letter', 'write the letter that it looks like'],
];
const maybeOdd = /[^\t\n\x20-\x7e]/g;

/** The odd character that stands at a place; null when the one there is an ordinary one. */
export function oddCharacterAt(text: string, at: number): OddCharacter | null {
  const character = text.charAt(at);
  const code = text.charCodeAt(at);
  if (/^[\t\n\x20-\x7e]?$/.test(character) || (character === '\r' && text[at + 1] === '\n')) return null;
  const sort = known.get(code) ?? classOf(character);
  return sort && { at, name: `U+${code.toString(16).toUpperCase().padStart(4, '0')}, ${sort.name}`, cure: sort.cure };
}

function classOf(character: string): { readonly name: string; readonly cure: string } | null {
  const [, name, cure] = classes.find(([pattern]) => pattern.test(character)) ?? [];
  return name === undefined || cure === undefined ? null : { name, cure };
}

/** The first odd character of a text. */
export function findOddCharacter(text: string): OddCharacter | null {
  for (const { index } of text.matchAll(maybeOdd)) {
    const odd = oddCharacterAt(text, index);
    if (odd) return odd;
  }
  return null;
}

/** The first that stands in neither text nor comment of a line: there it is none of the language, whatever else is wrong. */
export function findOddOutsideTexts(line: string): OddCharacter | null {
  return findOddCharacter(withoutTexts(line).bare);
}
