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
  const [rendered, original] = map.findLast(([offset]) => offset <= renderedOffset) ?? [0, 0];
  const isSubstitution = source.startsWith('${', original) || source.startsWith('{%', original);
  return Math.min(isSubstitution ? original : original + (renderedOffset - rendered), source.length);
}

/** Line and column of an offset, both from 1; of one behind the end, which a file may have that was written meanwhile, of the end. */
export function placeAt(text: string, told: number): SourcePlace {
  const offset = Math.min(told, text.length);
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).replace(/\r$/, '');
  // Editors neither show nor count the byte order mark.
  const hidden = lineStart === 0 && line.startsWith('\uFEFF') ? 1 : 0;
  return {
    line: before.split('\n').length,
    column: Math.max(offset - lineStart - hidden, 0) + 1,
    excerpt: cut(line.slice(hidden), offset - lineStart - hidden),
  };
}

function cut(line: string, at: number): string {
  const from = at < longestExcerpt ? 0 : at - mostBefore;
  return from === 0 ? line.slice(0, longestExcerpt) : `…${line.slice(from, from + longestExcerpt - 1)}`;
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
