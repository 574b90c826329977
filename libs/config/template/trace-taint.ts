import type { Engine } from './engine.ts';
import { findTaint, lostTrack, type Taint } from './leaf-taint.ts';
import type { Template } from './lexer.ts';
import { placeLeaves, touchedBy } from './placed-leaves.ts';
import { type RenderedTemplate, valuesUsed } from './render-template.ts';
import type { TemplateValues } from './template-values.ts';
import type { Leaf } from './toml-document.ts';
import { type Difference, tryOtherValues } from './trial.ts';

interface Traced {
  readonly engine: Engine;
  readonly template: Template;
  readonly rendered: RenderedTemplate;
  /** The document that the rendered text is. */
  readonly root: unknown;
  readonly variables: TemplateValues;
}

/**
 * The values of a rendered document that depend on variables. They are found twice: by following variables through the template, and by
 * trying other values. What either finds counts. A text that stands in the file as it is, and was only chosen by a vars file, is no secret.
 */
export function traceTaint({ engine, template, rendered, root, variables: { values, secrets } }: Traced): Taint {
  const placed = placeLeaves(rendered.text, root);
  const followed = findTaint({ rendered, leaves: placed, isSecret: (name) => secrets.has(name) });
  const used = valuesUsed(template, values);
  if (used.size === 0 || followed.problems.length > 0) return followed;

  const leaves = [...placed.placed.map(({ leaf }) => leaf), ...placed.unplaced];
  // Nothing but texts of the file itself is in the others.
  const printed = new Set<Leaf>([
    ...rendered.printed.flatMap((range) => touchedBy(placed.placed, range).map(({ leaf }) => leaf)),
    ...placed.unplaced,
  ]);
  const origins = new Map(followed.leaves.map(({ leaf, origin }) => [leaf, origin]));
  const attempt = (replaced: ReadonlySet<string>) => tryOtherValues({ engine, template, leaves, values: used, replaced });

  const secretNames = new Set([...used.keys()].filter((name) => secrets.has(name)));
  if (secretNames.size > 0) {
    const difference = attempt(secretNames);
    const problem = difference && !difference.sameShape ? [{ offset: offsetOf(template), message: lostTrack }] : [];
    if (problem.length > 0) return { leaves: followed.leaves, problems: problem };
    for (const leaf of difference?.leaves ?? unexplained(printed, origins)) origins.set(leaf, 'secret-source');
  }
  if (secretNames.size < used.size) {
    const found = among(printed, attempt(new Set(used.keys()))) ?? unexplained(printed, origins);
    for (const leaf of found) if (!origins.has(leaf)) origins.set(leaf, 'vars');
  }
  return {
    leaves: leaves.flatMap((leaf) => {
      const origin = origins.get(leaf);
      return origin ? [{ leaf, origin }] : [];
    }),
    problems: [],
  };
}

function among(printed: ReadonlySet<Leaf>, difference: Difference | null): readonly Leaf[] | null {
  return difference && [...difference.leaves].filter((leaf) => printed.has(leaf));
}

/** Where a trial says nothing, whatever was not written out in the file counts as found. */
function unexplained(printed: ReadonlySet<Leaf>, origins: ReadonlyMap<Leaf, unknown>): readonly Leaf[] {
  return [...printed].filter((leaf) => !origins.has(leaf));
}

function offsetOf({ segments }: Template): number {
  return segments.find(({ kind }) => kind !== 'text')?.start ?? 0;
}
