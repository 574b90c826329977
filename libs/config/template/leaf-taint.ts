import { findTomlComments } from '../grammar/toml-places.ts';
import type { TemplateProblem } from './lexer.ts';
import { contains, type PlacedLeaves, touchedBy } from './placed-leaves.ts';
import type { DependentSpan, RenderedTemplate } from './render-template.ts';
import type { Leaf } from './toml-document.ts';

/** A value of a document that depends on variables. */
export interface LeafTaint {
  readonly leaf: Leaf;
  /** `vars` when all variables in it come from vars files. */
  readonly origin: 'vars' | 'secret-source';
}

/** All values of a document that depend on variables; with problems it may be that some are missing. */
export interface Taint {
  /** In document order. */
  readonly leaves: readonly LeafTaint[];
  readonly problems: readonly TemplateProblem[];
}

interface Rendered {
  readonly rendered: Pick<RenderedTemplate, 'text' | 'spans' | 'exact'>;
  readonly leaves: PlacedLeaves;
  readonly isSecret: (name: string) => boolean;
}

/**
 * The values of a rendered document that depend on variables: those that a span with a variable touches. A variable of a vars file may
 * also decide keys and structure; what comes from a secret source must lie inside of values, or in comments.
 */
export function findTaint({ rendered: { text, spans, exact }, leaves: { placed, unplaced }, isSecret }: Rendered): Taint {
  if (spans.length === 0) return { leaves: [], problems: [] };
  const secretly = (span: DependentSpan) => [...span.variables].some(isSecret);
  const lost = exact ? undefined : spans.find(secretly);
  if (lost) return { leaves: [], problems: [{ offset: lost.offset, message: lostTrack }] };

  const tainted = new Map<Leaf, 'vars' | 'secret-source'>();
  const problems = new Map<number, TemplateProblem>();
  const comments = spans.some(secretly) ? findTomlComments(text).map(({ start, end }) => ({ from: start, to: end })) : [];
  for (const span of spans) {
    const isSecretSpan = secretly(span);
    const touched = touchedBy(placed, span);
    for (const leaf of [...touched.map((range) => range.leaf), ...unplaced]) {
      if (isSecretSpan || !tainted.has(leaf)) tainted.set(leaf, isSecretSpan ? 'secret-source' : 'vars');
    }
    const isContained = touched.some(({ inside }) => contains(inside, span)) || comments.some((comment) => contains(comment, span));
    if (isSecretSpan && !span.isText && !isContained) problems.set(span.offset, { offset: span.offset, message: decides });
  }
  const order = [...placed.map(({ leaf }) => leaf), ...unplaced];
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
/** What is told where a value from a secret source could be in any of them: never guessed, always refused. */
export const lostTrack =
  'what this file makes of a value from a secret source cannot be followed (TAINTED_NOT_ALLOWED); use the variable directly, without a filter over a whole block, or take it from a vars file';
