/** A header, a key with its value, or a comment that has its line for itself; as far as its end can be told of what may be no TOML. */
export interface TomlStatement {
  readonly kind: 'header' | 'pair' | 'comment';
  readonly start: number;
  /** Behind its last line break. */
  readonly end: number;
  /** A text of several lines stands in it: of a faulty one nobody knows where that ends. */
  readonly isOpenEnded: boolean;
  /** The bracket that opens its value, and is closed nowhere; null when there is none. */
  readonly unclosed: number | null;
}

/** Splits a text into its statements. One that is valid is never cut. What is left of a text with too many open brackets is one, open-ended. */
export function splitToml(text: string): readonly TomlStatement[] {
  const statements: TomlStatement[] = [];
  let inVain = 0;
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const start = skipBlanks(text, at);
    const first = text.charAt(start);
    const kind = first === '[' ? 'header' : first === '#' ? 'comment' : 'pair';
    const end = kind === 'pair' ? start : endOfLine(text, start);
    const { seen, ...extent } = kind === 'pair' ? endOfPair(text, start) : { end, seen: end, isOpenEnded: false, unclosed: null };
    inVain += seen - extent.end;
    if (inVain > leastInVain + text.length * mostPairs)
      return [...statements, { kind, start, end: text.length, isOpenEnded: true, unclosed: null }];
    if (first !== '\n' && first !== '\r' && first !== '') statements.push({ kind, start, ...extent });
    at = extent.end;
  }
  return statements;
}

/** A header of a table; an item of a list never looks like it. */
const header = /\[\[?[ \t]*(?!(?:true|false|inf|nan)[ \t]*\])[A-Za-z][\w.-]*[ \t]*\]?\][ \t]*(?:#|\r?$)/my;
const beginsPair = /[\w.-]+[ \t]*=/y;

/** So many lines are passed in search of a closing bracket, or quote, that may never come. */
const mostPairs = 64;
/** So much of any text may be passed in vain before the rest is given up. */
const leastInVain = 100_000;

interface Extent extends Pick<TomlStatement, 'end' | 'isOpenEnded' | 'unclosed'> {
  /** How far it was looked for its end. */
  readonly seen: number;
}

/**
 * With all brackets closed at the end of a line, or else before the next header; before the next key when not even that closes them, and no
 * table stands in the value, which would have keys, too.
 */
function endOfPair(text: string, start: number): Extent {
  let depth = 0;
  let hasTable = false;
  let isOpenEnded = false;
  let opening: number | null = null;
  let firstPair: number | null = null;
  let pairs = 0;
  let at = start;
  while (at < text.length) {
    const sign = text.charAt(at);
    if (sign === '"' || sign === "'") {
      const isLong = text.startsWith(sign.repeat(3), at);
      isOpenEnded ||= isLong;
      at = isLong ? endOfLongText(text, at) : endOfText(text, at);
      continue;
    }
    if (sign === '#') {
      const lineFeed = text.indexOf('\n', at);
      at = lineFeed < 0 ? text.length : lineFeed;
      continue;
    }
    at += 1;
    if (sign === '{') hasTable = true;
    if ((sign === '[' || sign === '{') && depth === 0) opening = at - 1;
    if (sign === '[' || sign === '{') depth += 1;
    if (sign === ']' || sign === '}') depth -= 1;
    if (sign !== '\n') continue;
    if (depth <= 0) return { end: at, seen: at, isOpenEnded, unclosed: null };
    const next = skipBlanks(text, at);
    if (matches(header, { text, at: next })) return { end: firstPair ?? at, seen: at, isOpenEnded, unclosed: opening };
    if (hasTable || !matches(beginsPair, { text, at: next })) continue;
    firstPair ??= at;
    pairs += 1;
    if (pairs > mostPairs) break;
  }
  return depth > 0
    ? { end: firstPair ?? at, seen: at, isOpenEnded, unclosed: opening }
    : { end: at, seen: at, isOpenEnded, unclosed: null };
}

/** Behind a text that ends in its line; of one that does not, in the line that closes it, or before the line break when none does. */
function endOfText(text: string, start: number): number {
  const quote = text.charAt(start);
  let at = start + 1;
  while (at < text.length && text[at] !== '\n') {
    if (text[at] === quote) return at + 1;
    at += quote === '"' && text[at] === '\\' && text[at + 1] !== '\n' ? 2 : 1;
  }
  return at < text.length ? endOfTornText(text, { at, quote }) : text.length;
}

/** In a line of its own a quote closes what was torn by line breaks, unless it opens the value of another key. */
function endOfTornText(text: string, { at, quote }: { readonly at: number; readonly quote: string }): number {
  let start = at + 1;
  for (let lines = 0; lines < mostPairs && start < text.length; lines += 1) {
    const end = endOfLine(text, start);
    if (matches(header, { text, at: skipBlanks(text, start) })) break;
    const line = text.slice(start, end);
    const isOdd = line.split(quote).length % 2 === 0;
    if (isOdd && !/^[ \t]*[\w.-]+[ \t]*=[ \t]*["'[{]/.test(line)) return start + line.lastIndexOf(quote) + 1;
    start = end;
  }
  return at;
}

/** Behind a text of several lines, with up to two quotes directly before the closing three (TOML 1.0, §String). */
export function endOfLongText(text: string, start: number): number {
  const quote = text.charAt(start);
  const closing = quote.repeat(3);
  let at = start + 3;
  while (at < text.length && !text.startsWith(closing, at)) at += quote === '"' && text[at] === '\\' ? 2 : 1;
  at += 3;
  for (let extra = 0; extra < 2 && text[at] === quote; extra += 1) at += 1;
  return Math.min(at, text.length);
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end + 1;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
}

function matches(pattern: RegExp, { text, at }: { readonly text: string; readonly at: number }): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

/** A header with a key behind it. */
const beginsTable = /\[\[?[ \t]*[A-Za-z][\w.-]*[ \t]*\]\]?[ \t]+[\w.-]+[ \t]*=/y;

/** Whether a statement begins as a key or a table does: behind a fault, that is where one can go on. */
export function beginsAnew(statement: TomlStatement, text: string): boolean {
  const { kind, start: at } = statement;
  return isHeader(statement, text) || matches(kind === 'header' ? beginsTable : beginsPair, { text, at });
}

/** Whether nothing but the header of a table can look like it, wherever it stands. */
export function isHeader({ kind, start }: TomlStatement, text: string): boolean {
  return kind === 'header' && matches(header, { text, at: start });
}
