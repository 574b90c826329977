import type { SourceMap } from '@kedge/shared/contracts';

/** A position as people count it, with its line as the user wrote it. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
  readonly excerpt: string;
}

/** Longer lines are cut in excerpts, around the place: they end up in events and in KV. */
const longestExcerpt = 240;
/** So much of a line stands before its place when there is more; `…` says so. */
const mostBefore = 180;

/** The map of a text that stands as it was written, also when an expression begins it. */
export const asWritten: SourceMap = [
  [0, 0],
  [1, 1],
];

/** Where a place of the rendered text came from. A place within what an expression or a statement printed is where that begins. */
export function toSourceOffset({ map, source }: { readonly map: SourceMap; readonly source: string }, renderedOffset: number): number {
  const [rendered, original] = map[lastUpTo(renderedOffset, { length: map.length, startOf: (index) => map[index]?.[0] ?? 0 })] ?? [0, 0];
  const isSubstitution = source.startsWith('${', original) || source.startsWith('{%', original);
  return Math.min(isSubstitution ? original : original + (renderedOffset - rendered), source.length);
}

/** Line and column of an offset, both from 1; of one behind the end, which a file may have that was written meanwhile, of the end. */
export function placeAt(text: string, offset: number): SourcePlace {
  return placesIn(text)(offset);
}

/** As `placeAt`, for many places of one text: its lines are counted once. */
export function placesIn(text: string): (offset: number) => SourcePlace {
  const starts = lineStartsOf(text);
  // Editors neither show nor count the byte order mark.
  const hidden = text.startsWith('\uFEFF') ? 1 : 0;
  return (told) => {
    const offset = Math.min(told, text.length);
    const line = lastUpTo(offset, { length: starts.length, startOf: (index) => starts[index] ?? 0 });
    const start = (starts[line] ?? 0) + (line === 0 ? hidden : 0);
    const next = starts[line + 1];
    const lineFeed = next === undefined ? text.length : next - 1;
    const end = text[lineFeed - 1] === '\r' ? lineFeed - 1 : lineFeed;
    return {
      line: line + 1,
      column: Math.max(offset - start, 0) + 1,
      excerpt: cut(text, { start, end: Math.max(start, end), at: offset - start }),
    };
  };
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

interface Parts {
  readonly length: number;
  /** Never falls. */
  readonly startOf: (index: number) => number;
}

/** The last of some parts, in their order, that begins at an offset or before it; found by halving, for there may be very many. */
export function lastUpTo(offset: number, { length, startOf }: Parts): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (startOf(middle) <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.max(low - 1, 0);
}

interface Line {
  readonly start: number;
  readonly end: number;
  /** Of the place in it. */
  readonly at: number;
}

function cut(text: string, { start, end, at }: Line): string {
  const from = at < longestExcerpt ? start : start + at - mostBefore;
  if (from === start) return whole(text.slice(start, Math.min(end, start + longestExcerpt)));
  return `…${whole(text.slice(from, Math.min(end, from + longestExcerpt - 1)))}`;
}

/** A character that the cut went through stands for what is missing, too; all others stay where they are. */
function whole(excerpt: string): string {
  return excerpt.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '…');
}

/** The offset of a line and column, both from 1. */
export function offsetAt(text: string, { line, column }: { readonly line: number; readonly column: number }): number {
  let start = 0;
  for (let current = 1; current < line; current += 1) {
    const end = text.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(start + column - 1, text.length);
}
