import { findTomlComments, findTomlPlaces, pointerText } from '../grammar/toml-places.ts';
import type { TemplateProblem } from './lexer.ts';
import type { DependentSpan, RenderedTemplate } from './render-template.ts';
import { type Leaf, leavesOf } from './toml-document.ts';

export interface LeafTaint {
  readonly leaf: Leaf;
  /** `vars` when all variables in it come from vars files. */
  readonly origin: 'vars' | 'secret-source';
}

export interface Taint {
  /** In document order. */
  readonly leaves: readonly LeafTaint[];
  readonly problems: readonly TemplateProblem[];
}

interface Range {
  readonly from: number;
  readonly to: number;
}

interface LeafRange extends Range {
  readonly leaf: Leaf;
  /** What may change without ending the value. */
  readonly inside: Range;
}

/**
 * The values of a rendered document that depend on variables: those that a span with a variable touches. A variable of a vars file may
 * also decide keys and structure; what comes from a secret source must lie inside of values, or in comments.
 */
export function findTaint({ text, spans, exact }: RenderedTemplate, root: unknown, isSecret: (name: string) => boolean): Taint {
  if (spans.length === 0) return { leaves: [], problems: [] };
  const secretly = (span: DependentSpan) => [...span.variables].some(isSecret);
  const lost = exact ? undefined : spans.find(secretly);
  if (lost) return { leaves: [], problems: [{ offset: lost.offset, message: lostTrack }] };

  const { leaves: ranges, unplaced } = leafRanges(text, root);
  const tainted = new Map<Leaf, 'vars' | 'secret-source'>();
  const problems = new Map<number, TemplateProblem>();
  const comments = spans.some(secretly) ? findTomlComments(text).map(({ start, end }) => ({ from: start, to: end })) : [];
  for (const span of spans) {
    const isSecretSpan = secretly(span);
    const touched = touchedBy(ranges, span);
    for (const leaf of [...touched.map((range) => range.leaf), ...unplaced]) {
      if (isSecretSpan || !tainted.has(leaf)) tainted.set(leaf, isSecretSpan ? 'secret-source' : 'vars');
    }
    const isContained = touched.some(({ inside }) => contains(inside, span)) || comments.some((comment) => contains(comment, span));
    if (isSecretSpan && !span.isText && !isContained) problems.set(span.offset, { offset: span.offset, message: decides });
  }
  const order = [...ranges.map(({ leaf }) => leaf), ...unplaced];
  return {
    leaves: order.flatMap((leaf) => {
      const origin = tainted.get(leaf);
      return origin ? [{ leaf, origin }] : [];
    }),
    problems: [...problems.values()],
  };
}

const decides =
  'a value from a secret source decides keys or structure here (TAINTED_NOT_ALLOWED); it may only stand inside of a value: write the keys out, or take this variable from a vars file';
const lostTrack =
  'what this file makes of a value from a secret source cannot be followed (TAINTED_NOT_ALLOWED); use the variable directly, without a filter over a whole block, or take it from a vars file';

/** Leaves in the order in which they stand; those whose place is not known depend on everything. */
function leafRanges(text: string, root: unknown): { readonly leaves: readonly LeafRange[]; readonly unplaced: readonly Leaf[] } {
  const places = findTomlPlaces(text);
  const leaves: LeafRange[] = [];
  const unplaced: Leaf[] = [];
  for (const leaf of leavesOf(root)) {
    const place = places.get(pointerText(leaf.pointer));
    if (!place) {
      unplaced.push(leaf);
      continue;
    }
    const { value: from, end: to } = place;
    const quote = text[from] === '"' || text[from] === "'" ? 1 : 0;
    leaves.push({ leaf, from, to, inside: { from: from + quote, to: to - quote } });
  }
  return { leaves: leaves.toSorted((left, right) => left.from - right.from), unplaced };
}

/** Values that share a character with a span; of an empty span those that it lies in. */
function touchedBy(ranges: readonly LeafRange[], span: Range): LeafRange[] {
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

function contains(outer: Range, inner: Range): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}
