import { pointerText } from '../grammar/toml-places.ts';
import type { Engine } from './engine.ts';
import type { Template } from './lexer.ts';
import { otherValue } from './other-value.ts';
import { renderText } from './render-template.ts';
import { type Leaf, leavesOf, parseToml, scalarJson } from './toml-document.ts';

interface Trial {
  readonly engine: Engine;
  readonly template: Template;
  /** What the template makes of `values`. */
  readonly leaves: readonly Leaf[];
  readonly values: ReadonlyMap<string, string>;
  /** The variables that get another value. */
  readonly replaced: ReadonlySet<string>;
}

/** What changes in a document when some variables have other values. */
export interface Difference {
  /** Of the leaves given, those that are another value now, or are gone. */
  readonly leaves: ReadonlySet<Leaf>;
  /** False when there are other keys or items than before. */
  readonly sameShape: boolean;
}

/**
 * Renders once more with other values of the same shape, and compares. Null when that says nothing: the template fails with them, or
 * what comes out is no TOML.
 */
export function tryOtherValues({ engine, template, leaves, values, replaced }: Trial): Difference | null {
  const others = new Map([...values].map(([name, value]) => [name, replaced.has(name) ? otherValue(value) : value]));
  const text = renderText({ engine, template, values: others });
  const parsed = text === null ? null : parseToml(text);
  if (!parsed?.ok) return null;
  const after = new Map(leavesOf(parsed.root).map(({ pointer, value }) => [pointerText(pointer), scalarJson(value)]));
  const before = leaves.map((leaf) => ({ leaf, now: after.get(pointerText(leaf.pointer)) }));
  return {
    leaves: new Set(before.flatMap(({ leaf, now }) => (now === scalarJson(leaf.value) ? [] : [leaf]))),
    sameShape: after.size === leaves.length && before.every(({ now }) => now !== undefined),
  };
}
