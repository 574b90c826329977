/** A word of the code inside of `${ … }` or `{% … %}`. */
export interface CodeToken {
  readonly kind: 'name' | 'string' | 'number' | 'sign';
  readonly text: string;
  readonly start: number;
  /** How many brackets are open before it. */
  readonly depth: number;
}

/** The code of one tag, and where it ends. */
export interface Code {
  readonly tokens: readonly CodeToken[];
  /** Where the code ends, before any sign that trims. */
  readonly end: number;
  /** Behind the closing sign. */
  readonly after: number;
  /** `-` before the closing sign: the text behind begins without white space. */
  readonly trims: boolean;
}

const blank = /[ \t\n\f\r]*/y;
const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /\d[\d_]*/y;
const signs = /\/\/|\*\*|==|!=|>=|<=|./suy;
const strings: Readonly<Record<string, RegExp>> = { '"': /"(?:[^"\\]|\\.)*"/suy, "'": /'(?:[^'\\]|\\.)*'/suy };

/** No code has such signs: the tag that they stand in was never closed. */
const opensTag = /\$\{|\{[%#]/y;

/** Reads code up to its closing sign, which counts only outside of strings and brackets; null when there is none before another tag. */
export function readCode(source: string, { start, closing }: { readonly start: number; readonly closing: '}' | '%}' }): Code | null {
  const tokens: CodeToken[] = [];
  let depth = 0;
  let at = skip(source, start);
  while (at < source.length) {
    if (depth === 0) {
      const trim = source[at] === '-' || source[at] === '+' ? 1 : 0;
      if (source.startsWith(closing, at + trim)) {
        return { tokens, end: at, after: at + trim + closing.length, trims: source[at] === '-' };
      }
      if (source.startsWith(closing, at)) return { tokens, end: at, after: at + closing.length, trims: false };
    }
    if (match(opensTag, { source, at }) !== '') return null;
    const found = tokenAt(source, at);
    if (!found) return null;
    tokens.push({ ...found, start: at, depth });
    if (found.kind === 'sign' && '([{'.includes(found.text)) depth += 1;
    if (found.kind === 'sign' && ')]}'.includes(found.text)) depth -= 1;
    at = skip(source, at + found.text.length);
  }
  return null;
}

function tokenAt(source: string, at: number): Pick<CodeToken, 'kind' | 'text'> | null {
  const quote = strings[source.charAt(at)];
  if (quote) {
    const text = match(quote, { source, at });
    return text ? { kind: 'string', text } : null;
  }
  const name = match(word, { source, at });
  if (name) return { kind: 'name', text: name };
  const digits = match(number, { source, at });
  return digits ? { kind: 'number', text: digits } : { kind: 'sign', text: match(signs, { source, at }) };
}

function skip(source: string, at: number): number {
  return at + match(blank, { source, at }).length;
}

function match(pattern: RegExp, { source, at }: { readonly source: string; readonly at: number }): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}
