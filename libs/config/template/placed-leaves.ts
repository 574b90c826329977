import { findTomlPlaces, pointerText } from '../grammar/toml-places.ts';
import { type Leaf, leavesOf } from './toml-document.ts';

/** A part of a text: UTF-16 units from 0, `to` is behind its last one. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where a value stands in the rendered text. */
export interface LeafRange extends Range {
  readonly leaf: Leaf;
  /** What may change without ending the value. */
  readonly inside: Range;
}

/** All values of a document, each in one of the two lists. */
export interface PlacedLeaves {
  /** In the order in which they stand. */
  readonly placed: readonly LeafRange[];
  /** Those whose place is not known: they may stand anywhere. */
  readonly unplaced: readonly Leaf[];
}

/** Finds the values of a document in its text. */
export function placeLeaves(text: string, root: unknown): PlacedLeaves {
  const places = findTomlPlaces(text);
  const placed: LeafRange[] = [];
  const unplaced: Leaf[] = [];
  for (const leaf of leavesOf(root)) {
    const place = places.get(pointerText(leaf.pointer));
    if (!place) {
      unplaced.push(leaf);
      continue;
    }
    const { value: from, end: to } = place;
    const quote = text[from] === '"' || text[from] === "'" ? 1 : 0;
    placed.push({ leaf, from, to, inside: { from: from + quote, to: to - quote } });
  }
  return { placed: placed.toSorted((left, right) => left.from - right.from), unplaced };
}

/** Values that share a character with a span; of an empty span those that it lies in. */
export function touchedBy(ranges: readonly LeafRange[], span: Range): LeafRange[] {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((ranges[middle]?.to ?? 0) < span.from) low = middle + 1;
    else high = middle;
  }
  const touched: LeafRange[] = [];
  for (let index = low; index < ranges.length; index += 1) {
    const range = ranges[index];
    if (!range || range.from > span.to) break;
    if ((range.from < span.to && span.from < range.to) || contains(range.inside, span)) touched.push(range);
  }
  return touched;
}

/** Whether nothing of the inner one lies outside; both may be empty. */
export function contains(outer: Range, inner: Range): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}
