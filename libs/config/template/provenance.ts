import type { Template } from './lexer.ts';
import type { Marks } from './rewrite.ts';

/** A part of the rendered text, and the segment that printed it: what a macro prints, whoever called it. Of a block it is the opening statement. */
export interface Span {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
}

/** A rendered text, and which segment printed which part of it. */
export interface Provenance {
  readonly text: string;
  readonly spans: readonly Span[];
  /** `[rendered offset, source offset]`, as the contract's `SourceMap`. */
  readonly map: [rendered: number, source: number][];
}

const firstOpening = 0xf0000;
const firstClosing = 0x100000;
const anyMark = /[\u{f0000}-\u{10ffff}]/gu;
/** Private characters are as many as there are. */
export const mostSegments = 0xfff0;

/** One private character before and one after what a segment prints; a text ends where the next mark stands. */
export const marks: Marks = {
  open: (segment) => String.fromCodePoint(firstOpening + segment),
  close: (segment) => String.fromCodePoint(firstClosing + segment),
};

/** True when a text has characters that are marks to us. */
export function hasMarks(text: string): boolean {
  return text.search(anyMark) >= 0;
}

interface Marked {
  readonly marked: string;
  readonly template: Template;
  /** The statements whose whole block prints as one. */
  readonly printing: ReadonlySet<number>;
}

/**
 * Reads marks out of a rendered text. Null when marks do not nest, or
 * something stands outside of them all: then they say nothing about where it came from.
 */
export function readMarks({ marked, template: { source, segments }, printing: printsItself }: Marked): Provenance | null {
  const spans: Span[] = [];
  const map: [number, number][] = [];
  const open: { readonly segment: number; readonly from: number }[] = [];
  const texts: string[] = [];
  let length = 0;
  let at = 0;
  /** The segment that prints what comes next. */
  let printing: number | null = null;
  let textFrom = 0;

  for (const { index, 0: mark } of marked.matchAll(anyMark)) {
    if (!print(marked.slice(at, index))) return null;
    at = index + mark.length;
    const code = mark.codePointAt(0) ?? 0;
    endText();
    if (code < firstClosing) begin(code - firstOpening);
    else if (!end(code - firstClosing)) return null;
  }
  if (!print(marked.slice(at)) || open.length > 0) return null;
  endText();
  return { text: texts.join(''), spans, map };

  function print(text: string): boolean {
    texts.push(text);
    length += text.length;
    return text === '' || printing !== null;
  }

  function begin(index: number): void {
    const segment = segments[index];
    if (!segment) return;
    if (segment.kind === 'text') textFrom = length;
    else open.push({ segment: index, from: length });
    printing = prints(index) ? index : null;
    point();
  }

  function end(index: number): boolean {
    const last = open.pop();
    if (last?.segment !== index) return false;
    spans.push({ ...last, to: length });
    const outer = open.at(-1)?.segment;
    printing = outer !== undefined && prints(outer) ? outer : null;
    point(segments[index]?.end);
    return true;
  }

  function endText(): void {
    const segment = printing === null ? undefined : segments[printing];
    if (segment?.kind === 'text') spans.push({ segment: printing ?? 0, from: textFrom, to: length });
  }

  /** Notes where what comes next stands in the source; behind the last of all that is where it ended. */
  function point(behind?: number): void {
    const segment = printing === null ? undefined : segments[printing];
    const offset = segment?.start ?? behind;
    if (offset === undefined) return;
    map.push([length, offset]);
    // A text out of a raw block may begin like an expression; its second character does not.
    if (segment?.kind === 'text' && /^(\$\{|\{%)/.test(source.slice(segment.start, segment.start + 2)))
      map.push([length + 1, segment.start + 1]);
  }

  function prints(index: number): boolean {
    return segments[index]?.kind !== 'statement' || printsItself.has(index);
  }
}
