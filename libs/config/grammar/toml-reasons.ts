import { findOddOutsideTexts, type OddCharacter, oddCharacterAt } from './odd-characters.ts';
import { withoutTexts } from './quoted-texts.ts';

const inText = 'control characters are not allowed in strings';
/** A forgotten quote is likelier than a text of several lines. */
const unclosedText =
  'the text has no closing quote in this line; if a line break is meant, """…""" stands around several lines, or \\n for each break';

const noComma = 'expected comma or end of structure';
const lostQuote = 'a "," was expected before what comes next, and a quote seems to be lost in this line: texts stand between two';

const dateFaults = ['invalid date', 'invalid date-time: date part is malformed', 'invalid date-time: time part is malformed'];
const characterFaults = ['invalid unicode escape', 'invalid non-hex character in unicode escape'];
const noCharacter = `\\u, \\U and \\x in "…" begin the number of a character, and this one is none; write \\\\ for a backslash, or '…' around the text`;

/** What the parser of TOML says tersely, and what was expected, in plain words. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['invalid value', 'a value was expected here: text in quotes, a number, true or false, [ an array ] or { a table }'],
  [
    'incomplete key-value: cannot find end of key',
    'a key, "=" and a value were expected, such as name = "web"; the name of a table ends in "]"',
  ],
  ['unfinished string', 'the text that begins here has no closing quote'],
  ['unfinished array', 'the array that begins here has no closing "]"'],
  ['expected end of table array declaration', 'a second "]" was expected here: tables of which there may be several end in "]]"'],
  ['unfinished table', 'the table that begins here has no closing "}"'],
  ['unfinished numeric value', 'the number is not finished; digits were expected behind its last sign'],
  [
    'trying to redefine an already defined table or value',
    'this key or table was written before in the file; keep one of the two. Tables of which there may be several have two brackets: [[port]]',
  ],
  ['trying to redefine an already defined value', 'this key was written before in the same table; keep one of the two'],
  [noComma, 'a "," was expected before what comes next, or the closing "]" or "}"'],
  ['unexpected end of key', 'a name was expected here'],
  ['illegal leading zero', 'a number does not begin with 0; write 0o755 for an octal one, or quotes around it'],
  [
    'each key-value declaration must be followed by an end-of-line',
    'the end of the line was expected here: each key has a line of its own, and a text has quotes around all of it',
  ],
  [
    'unrecognised escape sequence',
    `a backslash in "…" begins an escape, and this one is none; write \\\\ for a backslash, or '…' around the text`,
  ],
  [
    inText,
    'the text holds a line break or a character that cannot be seen; """…""" may stand around several lines, and \\n for a line break',
  ],
  ['control characters are not allowed in comments', 'the comment holds a character that cannot be seen; take it out'],
  ['illegal character in key', 'a key is made of letters, digits, "_" and "-", and "=" follows it; other names need quotes'],
  ['document contains excessively nested structures. aborting.', 'brackets are nested deeper here than any key allows'],
  ['illegal empty bare key', 'a name was expected here: one stands before and behind each "."'],
  ['illegal quoted key: multiline strings are not allowed', 'a name has no quotes around it, or one on each side'],
  ['illegal character in numeric literal', 'what begins like a number is none; put quotes around a text'],
  ['illegal underscore', 'a "_" in a number stands alone between two digits; put quotes around a text'],
  ...dateFaults.map((reason) => [reason, 'what begins like a date is none; put quotes around a text'] as const),
  ...characterFaults.map((reason) => [reason, noCharacter] as const),
  [
    'invalid escape: only line-ending whitespace may be escaped',
    `a backslash before a blank ends its line; write \\\\ for a backslash, or '''…''' around the text`,
  ],
]);

const prefix = 'not valid TOML: ';
/** Of TOML, and more than numbers of JavaScript hold. */
const largeNumber = 'integer value cannot be represented losslessly';

/** What the parser of TOML says of a place. */
export interface TomlReason {
  readonly offset: number;
  /** One of its constant sentences; any other stays as it is. */
  readonly reason: string;
}

/** A fault of TOML in plain words, with what was expected, at its place in the text that somebody wrote. */
export function explainFault(source: string, { offset, reason }: TomlReason): { readonly offset: number; readonly message: string } {
  const line = lineAround(source, offset);
  const told = (words: string, at = offset) => ({ offset: at, message: `${prefix}${words}` });
  if (/^\[[^\]]*$/.test(line.text.trim())) {
    const closing = line.text.trim().startsWith('[[') ? ']]' : ']';
    return told(`the name of a table ends in "${closing}", which is missing in this line`);
  }
  const isCut = reason === inText && offset - line.start >= line.text.trimEnd().length;
  const odd = oddCharacterAt(source, offset) ?? oddWithin(line, { offset, reason, isCut });
  if (odd) return told(`${odd.name}, stands here; ${odd.cure}`, odd.at);
  if (isCut) return told(unclosedText);
  if (reason === noComma && isOddlyQuoted(line.text)) return told(lostQuote);
  if (reason === largeNumber)
    return { offset, message: 'the number is larger than any that is meant here; put quotes around a text of digits' };
  return told(reasons.get(reason) ?? reason);
}

/** Faults of which a character that is none of the language may be the cause although the parser stops elsewhere. */
const maybeOdd: ReadonlySet<string> = new Set([
  'invalid value',
  'incomplete key-value: cannot find end of key',
  'illegal character in key',
  'unexpected end of key',
  noComma,
  'unfinished array',
  'unfinished table',
  'unfinished string',
  'each key-value declaration must be followed by an end-of-line',
]);

interface Line {
  readonly text: string;
  readonly start: number;
}

function oddWithin({ text, start }: Line, { offset, reason, isCut }: TomlReason & { readonly isCut: boolean }): OddCharacter | null {
  // In a template, or within a text of several lines, quotes are others than they seem.
  if ((!isCut && !maybeOdd.has(reason)) || /\$\{|\{[%#]|"""|'''/.test(text)) return null;
  const found = isCut || reason === 'unfinished string' ? closingLookalike(text, offset - start) : findOddOutsideTexts(text);
  return found && { ...found, at: start + found.at };
}

/** What was meant to close the text that a line leaves open. */
function closingLookalike(line: string, at: number): OddCharacter | null {
  const { open } = withoutTexts(line);
  if (open === null || open > at) return null;
  const signs =
    line[open] === '"' ? /[\u201c-\u201e\u00ab\u00bb](?=[ \t]*(?:[\],}#\r]|$))/ : /[\u2018-\u201a\u00b4](?=[ \t]*(?:[\],}#\r]|$))/;
  const found = line.slice(open).search(signs);
  return found < 0 ? null : oddCharacterAt(line, open + found);
}

function lineAround(source: string, offset: number): Line {
  const begin = source.lastIndexOf('\n', offset - 1) + 1;
  const end = source.indexOf('\n', offset);
  // Neither a byte order mark nor the half of a line break is any of it.
  const start = begin === 0 && source.startsWith('\uFEFF') ? 1 : begin;
  const text = source.slice(start, end < 0 ? source.length : end);
  return { text: end < 0 ? text : text.replace(/\r$/, ''), start };
}

function isOddlyQuoted(line: string): boolean {
  return !/"""|'''|\\|\$\{/.test(line) && (line.split('"').length % 2 === 0 || line.split("'").length % 2 === 0);
}
