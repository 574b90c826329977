import { findOddCharacter } from '../grammar/odd-characters.ts';
import type { TemplateProblem } from './lexer.ts';

/** What an env file defines; later lines win. */
export interface EnvFile {
  readonly variables: ReadonlyMap<string, string>;
  readonly problems: readonly TemplateProblem[];
}

const lineStart = /[ \t]*(?:#[^\n]*|(?:export[ \t]+)?([^\s=:#'"]+)[ \t]*([=:])?[ \t]*)/y;
const name = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const quotedValue: Readonly<Record<string, RegExp>> = { '"': /"((?:[^"\\]|\\.)*)"/suy, "'": /'([^']*)'/suy };
const bareValue = /[^\n]*/y;
const lineEnd = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' };

/**
 * Reads an env file as Compose does: `NAME=value`, `export`, comments, text in quotes over several lines, escapes in `"…"`. With one
 * difference: a `$` is always itself, because nobody else's environment is known here. Problems never quote what stands in the file.
 */
export function parseEnvFile(text: string): EnvFile {
  const variables = new Map<string, string>();
  const problems: TemplateProblem[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  const lineAt = linesIn(text);

  while (at < text.length) {
    const start = at;
    const trouble = readLine();
    if (trouble !== null) {
      const { at: offset, said } = oddInName(text, start) ?? blankInName(text, start) ?? { at: start, said: trouble };
      problems.push({ offset, message: `line ${lineAt(start)} of this env file ${said}` });
      const end = text.indexOf('\n', at);
      at = end < 0 ? text.length : end + 1;
    }
  }
  return { variables, problems };

  /** Null when all is well; otherwise what is wrong. */
  function readLine(): string | null {
    const [, key, sign] = take(lineStart) ?? [];
    if (key === undefined) return take(lineEnd) ? null : 'does not begin with a name; write NAME=value';
    if (!name.test(key)) return 'has a name with other characters than letters, digits, "_", "." and "-"';
    if (sign === undefined) return 'has no "="; NAME alone takes no value from your shell here: write NAME=value';
    const value = readValue();
    if (value === null) return 'has a quote that is never closed, or something behind the closing one';
    if (value.includes('\0')) return 'has the character NUL in its value; no program could read it';
    variables.set(key, value);
    return null;
  }

  function readValue(): string | null {
    const quote = text.charAt(at);
    const quoted = quotedValue[quote];
    if (!quoted) {
      const raw = take(bareValue)?.[0] ?? '';
      take(lineEnd);
      return raw.replace(/(^|[ \t])#.*$/s, '').trim();
    }
    const [, inside] = take(quoted) ?? [];
    if (inside === undefined || !take(lineEnd)) return null;
    const lines = inside.replaceAll('\r\n', '\n');
    return quote === '"' ? lines.replaceAll(/\\(.)/gsu, (whole, letter: string) => escapes[letter] ?? whole) : lines;
  }

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  }
}

interface Trouble {
  readonly at: number;
  readonly said: string;
}

/** What stands before the first sign, or quote, of a line. */
const beforeSign = /[^\n=:"']*/y;
const blankWithin = /[ \t]*(?:export[ \t]+)?[^\s=:#'"]+(?:[ \t]+[^\s=:#'"]+)+[ \t]*(?:=|:[ \t])/y;

/** A name that looks as one may, and holds something else. */
function oddInName(text: string, start: number): Trouble | null {
  beforeSign.lastIndex = start;
  const odd = findOddCharacter(beforeSign.exec(text)?.[0].replace(/#.*|\r$/s, '') ?? '');
  return odd && { at: start + odd.at, said: `holds ${odd.name}, before its "="; ${odd.cure}` };
}

/** The first blank within a name; none in a line that has nothing but a value behind its name. */
function blankInName(text: string, start: number): Trouble | null {
  blankWithin.lastIndex = start;
  const whole = blankWithin.exec(text)?.[0];
  const before = whole === undefined ? null : /^[ \t]*(?:export[ \t]+)?[^ \t]+/.exec(whole);
  const said = 'has a blank within the name before its "="; a name has none: write "_" for it, or "=" if the value begins there';
  return before && { at: start + before[0].length, said };
}

/** Counts the lines up to offsets that only grow. */
function linesIn(text: string): (offset: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return (offset) => {
    for (; next >= 0 && next < offset; next = text.indexOf('\n', next + 1)) line += 1;
    return line;
  };
}
