import type { ConfigProblem } from '@kedge/shared/contracts';

const inText = 'control characters are not allowed in strings';
/** A forgotten quote is likelier than a text of several lines. */
const unclosedText =
  'the text has no closing quote in this line; if a line break is meant, """…""" stands around several lines, or \\n for each break';

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
  ['expected comma or end of structure', 'a "," was expected before what comes next, or the closing "]" or "}"'],
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
  ['integer value cannot be represented losslessly', 'the number is larger than any that is meant here'],
  ['illegal character in key', 'a key is made of letters, digits, "_" and "-", and "=" follows it; other names need quotes'],
  ['document contains excessively nested structures. aborting.', 'brackets are nested deeper here than any key allows'],
  ['invalid date', 'what begins like a date is none; put quotes around a text'],
]);

const prefix = 'not valid TOML: ';

/** What the parser of TOML says, in plain words; anything else as it is. */
export function plainWords(message: string): string {
  const plain = message.startsWith(prefix) ? reasons.get(message.slice(prefix.length).trim()) : undefined;
  return plain === undefined ? message : `${prefix}${plain}`;
}

/** The problem with what was expected in plain words, where it is one of the parser of TOML. */
export function inPlainWords(problem: ConfigProblem): ConfigProblem {
  const excerpt = problem.excerpt?.trim() ?? '';
  if (problem.message.startsWith(prefix) && /^\[[^\]]*$/.test(excerpt)) {
    const closing = excerpt.startsWith('[[') ? ']]' : ']';
    return { ...problem, message: `${prefix}the name of a table ends in "${closing}", which is missing in this line` };
  }
  if (isCutByLineEnd(problem)) return { ...problem, message: `${prefix}${unclosedText}` };
  const message = plainWords(problem.message);
  return message === problem.message ? problem : { ...problem, message };
}

function isCutByLineEnd({ message, column, excerpt }: ConfigProblem): boolean {
  return message === `${prefix}${inText}` && excerpt !== undefined && !excerpt.startsWith('…') && column > excerpt.trimEnd().length;
}
