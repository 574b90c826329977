import { type CodeToken, readCode } from './code-tokens.ts';

/** A part of a template. Comments, and white space that a `-` trims, belong to none. */
export type Segment =
  | { readonly kind: 'text'; readonly start: number; readonly end: number }
  | {
      readonly kind: 'expression' | 'statement';
      readonly start: number;
      readonly end: number;
      readonly code: CodeSpan;
      /** Code that runs in the place of what is written. */
      readonly standIn?: string;
    };

/** The code between the signs, in the source. */
export interface CodeSpan {
  readonly from: number;
  readonly to: number;
  readonly tokens: readonly CodeToken[];
}

/** A template and what it is made of. */
export interface Template {
  readonly source: string;
  readonly segments: readonly Segment[];
}

/** Something wrong at a place of a template. Never quotes what stands there. */
export interface TemplateProblem {
  readonly offset: number;
  readonly message: string;
  readonly nearest?: string;
  /** A name that nobody defines, which may be the fault of a variable file that cannot be read. */
  readonly missing?: string;
}

/** The parts of a template; or the signs that have no end. */
export type Lexed =
  | { readonly ok: true; readonly template: Template }
  | {
      readonly ok: false;
      readonly problems: readonly TemplateProblem[];
      /** Without the lines from such signs on; null when one may hide the rest of the template. */
      readonly rest: Template | null;
    };

const opening = /\$\{|\{%|\{#/g;
const raw = /\{%[-+]?[ \t\n\f\r]*raw[ \t\n\f\r]*([-+]?)%\}/y;
const endRaw = /\{%([-+]?)[ \t\n\f\r]*endraw[ \t\n\f\r]*([-+]?)%\}/g;
/** What the engine calls white space (Unicode White_Space), which is not quite what JavaScript does. */
const leadingSpace = /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;

/** So many expressions without an end are told of one template: for each, all of its rest may be searched. */
const mostUnclosed = 100;

/** Splits a template. A lone `$` or `{` is text; the last line break of the template is none of it. */
export function lexTemplate(source: string): Lexed {
  const end = source.replace(/\n$/, '').replace(/\r$/, '').length;
  const text = source.slice(0, end);
  const segments: Segment[] = [];
  const problems: TemplateProblem[] = [];
  let at = 0;
  let trims = false;

  while (at < end) {
    opening.lastIndex = at;
    const found = opening.exec(text);
    const start = found?.index ?? end;
    const sign = found?.[0] ?? '';
    addText({ from: at, to: start, trimsEnd: text[start + 2] === '-' });
    if (!found) break;
    raw.lastIndex = start;
    const rawTag = raw.exec(text);
    const problem = sign === '{#' ? readComment(start) : rawTag ? readRaw(start, rawTag) : readTag(start, sign);
    if (!problem) continue;
    problems.push(problem);
    const line = /[^\n]*/y;
    line.lastIndex = start;
    const [given = ''] = line.exec(text) ?? [];
    // Statements decide about what follows them.
    if (sign !== '${' || problems.length === mostUnclosed || /\{[%#]/.test(given)) return { ok: false, problems, rest: null };
    at = start + given.length;
  }
  const template = { source, segments };
  return problems.length === 0 ? { ok: true, template } : { ok: false, problems, rest: template };

  function addText({ from, to, trimsEnd }: { readonly from: number; readonly to: number; readonly trimsEnd: boolean }): void {
    const lead = trims ? (leadingSpace.exec(text.slice(from, to))?.[0].length ?? 0) : 0;
    const rest = text.slice(from + lead, to);
    let last = rest.length;
    while (trimsEnd && space.test(rest.charAt(last - 1))) last -= 1;
    if (last > 0) segments.push({ kind: 'text', start: from + lead, end: from + lead + last });
    trims = false;
  }

  function readComment(start: number): TemplateProblem | null {
    const close = text.indexOf('#}', start + 2);
    if (close < 0) return { offset: start, message: 'this comment is never closed; end it with "#}"' };
    trims = close > start + 2 && text[close - 1] === '-';
    at = close + 2;
    return null;
  }

  function readRaw(start: number, begin: RegExpExecArray): TemplateProblem | null {
    const from = start + begin[0].length;
    endRaw.lastIndex = from;
    const finish = endRaw.exec(text);
    if (!finish) return { offset: start, message: 'this raw block is never closed; end it with {% endraw %}' };
    trims = begin[1] === '-';
    addText({ from, to: finish.index, trimsEnd: finish[1] === '-' });
    trims = finish[2] === '-';
    at = finish.index + finish[0].length;
    return null;
  }

  function readTag(start: number, sign: string): TemplateProblem | null {
    const marker = text[start + 2] === '-' || text[start + 2] === '+' ? 1 : 0;
    const from = start + 2 + marker;
    const closing = sign === '{%' ? '%}' : '}';
    const code = readCode(text, { start: from, closing });
    if (!code) {
      const message = `"${sign}" is never closed with "${closing}", or a quote or bracket in it is not; write {% raw %}${sign}{% endraw %} for the sign itself`;
      return { offset: start, message };
    }
    const kind = sign === '{%' ? 'statement' : 'expression';
    segments.push({ kind, start, end: code.after, code: { from, to: code.end, tokens: code.tokens } });
    trims = code.trims;
    at = code.after;
    return null;
  }
}
