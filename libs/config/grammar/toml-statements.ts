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

/** What may still be looked at in search of ends that are not there. Counted in characters: the answer is the same on every machine. */
interface Effort {
  left: number;
}

/**
 * Splits a text into its statements, one after the other. One that is valid is never cut. What is left of a text with too many open brackets
 * and quotes is one, open-ended.
 */
export function* splitToml(text: string): Generator<TomlStatement, void> {
  const effort = { left: mostInVain };
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  while (at < text.length) {
    const start = skipBlanks(text, at);
    const first = text.charAt(start);
    const kind = first === '[' ? 'header' : first === '#' ? 'comment' : 'pair';
    const extent =
      kind === 'pair' ? endOfPair(text, { start, effort }) : { end: endOfLine(text, start), isOpenEnded: false, unclosed: null };
    if (effort.left <= 0) {
      yield { kind, start, end: text.length, isOpenEnded: true, unclosed: null };
      return;
    }
    if (first !== '\n' && first !== '\r' && first !== '') yield { kind, start, ...extent };
    at = extent.end;
  }
}

/** A header of a table; an item of a list never looks like it. */
const header = /\[\[?[ \t]*(?!(?:true|false|inf|nan)[ \t]*\])[A-Za-z][\w.-]*[ \t]*\]?\][ \t]*(?:#|\r?$)/my;
const beginsPair = /[\w.-]+[ \t]*=/y;

/** So many lines are passed in search of a closing bracket, or quote, that may never come. */
const mostPairs = 64;
/** So many characters of a text may be passed in vain before the rest is given up. */
const mostInVain = 10_000_000;

type Extent = Pick<TomlStatement, 'end' | 'isOpenEnded' | 'unclosed'>;

interface From {
  readonly start: number;
  readonly effort: Effort;
}

/**
 * With all brackets closed at the end of a line, or else before the next header; before the next key when not even that closes them, and no
 * table stands in the value, which would have keys, too.
 */
function endOfPair(text: string, { start, effort }: From): Extent {
  let depth = 0;
  let hasTable = false;
  let isOpenEnded = false;
  let opening: number | null = null;
  let firstPair: number | null = null;
  let pairs = 0;
  let at = start;
  const before = (end: number): Extent => {
    effort.left -= at - end;
    return { end, isOpenEnded, unclosed: opening };
  };
  while (at < text.length && effort.left > 0) {
    const sign = text.charAt(at);
    if (sign === '"' || sign === "'") {
      const isLong = text.startsWith(sign.repeat(3), at);
      isOpenEnded ||= isLong;
      at = isLong ? endOfLongText(text, at) : endOfText(text, { start: at, effort });
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
    if (depth <= 0) return { end: at, isOpenEnded, unclosed: null };
    const next = skipBlanks(text, at);
    if (matches(header, { text, at: next })) return before(firstPair ?? at);
    if (hasTable || !matches(beginsPair, { text, at: next })) continue;
    firstPair ??= at;
    pairs += 1;
    if (pairs > mostPairs) break;
  }
  return depth > 0 ? before(firstPair ?? at) : { end: at, isOpenEnded, unclosed: null };
}

/** Behind a text that ends in its line; of one that does not, in the line that closes it, or before the line break when none does. */
function endOfText(text: string, { start, effort }: From): number {
  const quote = text.charAt(start);
  let at = start + 1;
  while (at < text.length && text[at] !== '\n') {
    if (text[at] === quote) return at + 1;
    at += quote === '"' && text[at] === '\\' && text[at + 1] !== '\n' ? 2 : 1;
  }
  return at < text.length ? endOfTornText(text, { start: at, effort, quote }) : text.length;
}

const opensValue = /[ \t]*[\w.-]+[ \t]*=[ \t]*["'[{]/y;

/** In a line of its own a quote closes what was torn by line breaks, unless it opens the value of another key. */
function endOfTornText(text: string, { start: torn, effort, quote }: From & { readonly quote: string }): number {
  let start = torn + 1;
  for (let lines = 0; lines < mostPairs && start < text.length && effort.left > 0; lines += 1) {
    const end = endOfLine(text, start);
    if (matches(header, { text, at: skipBlanks(text, start) })) break;
    const last = lastOfOdd(quote, text.slice(start, end));
    if (last !== null && !matches(opensValue, { text, at: start })) return start + last + 1;
    effort.left -= end - start;
    start = end;
  }
  return torn;
}

/** The last of an odd number of signs; null when there is an even one. */
function lastOfOdd(sign: string, line: string): number | null {
  let last: number | null = null;
  let isOdd = false;
  for (let at = line.indexOf(sign); at >= 0; at = line.indexOf(sign, at + 1)) {
    last = at;
    isOdd = !isOdd;
  }
  return isOdd ? last : null;
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
