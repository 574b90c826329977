import { sameJson } from '@kedge/shared/kernel';
import { otherValues } from './replace-value.ts';
import { renderTemplate, type Template, type TemplateProblem, variableUses } from './template.ts';
import { type Leaf, leavesOf, type Pointer, parseToml, scalarJson, shapeOf } from './toml-document.ts';

export interface Taint {
  /** Leaves whose value depends on at least one variable, in document order. */
  readonly leaves: readonly Leaf[];
  readonly problems: readonly TemplateProblem[];
}

/**
 * Finds the leaves that depend on variables by rendering again with another value, one variable at a time: the leaves that differ
 * are tainted. A variable whose other value changes keys, adds tables or gives no valid document at all is a problem, because then
 * nobody can tell what depends on it. A template that does not give valid TOML has no leaves.
 */
export function findTaint(template: Template, values: ReadonlyMap<string, string>): Taint {
  const first = parseToml(renderTemplate(template, values).text);
  if (!first.ok) return { leaves: [], problems: [] };

  const leaves = leavesOf(first.root);
  const tainted = new Set<string>();
  const problems: TemplateProblem[] = [];
  for (const [name, offset] of variableUses(template)) {
    const value = values.get(name);
    if (value === undefined) continue;
    const other = otherDocument(template, values, { name, value });
    if (other === null || !sameJson(shapeOf(first.root), shapeOf(other))) {
      problems.push({ offset, message: `variable "${name}" decides keys or structure here; a variable may only stand in values` });
      continue;
    }
    const before = new Map(leavesOf(other).map((leaf) => [idOf(leaf.pointer), scalarJson(leaf.value)]));
    for (const leaf of leaves) {
      if (before.get(idOf(leaf.pointer)) !== scalarJson(leaf.value)) tainted.add(idOf(leaf.pointer));
    }
  }
  return { leaves: leaves.filter((leaf) => tainted.has(idOf(leaf.pointer))), problems };
}

function otherDocument(
  template: Template,
  values: ReadonlyMap<string, string>,
  { name, value }: { readonly name: string; readonly value: string },
): unknown {
  for (const other of otherValues(value)) {
    const parsed = parseToml(renderTemplate(template, new Map(values).set(name, other)).text);
    if (parsed.ok) return parsed.root;
  }
  return null;
}

function idOf(pointer: Pointer): string {
  return JSON.stringify(pointer);
}
