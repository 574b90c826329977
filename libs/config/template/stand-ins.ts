import { findBlocks } from './block-tree.ts';
import type { Engine } from './engine.ts';
import type { Template } from './lexer.ts';
import { renderTemplate, type TemplateResult, valuesUsed } from './render-template.ts';
import { standIns, withStandIn } from './tag-stand-in.ts';
import type { TemplateValues } from './template-values.ts';
import { parseToml } from './toml-document.ts';
import { followVariables } from './variable-flow.ts';

interface Unresolved {
  readonly engine: Engine;
  readonly template: Template;
  readonly variables: TemplateValues & { readonly unresolved: ReadonlyMap<string, unknown> };
}

/** A rendering, and what it was made of. */
export interface StoodIn {
  readonly result: TemplateResult;
  readonly template: Template;
  readonly variables: TemplateValues;
}

/** So many tags are replaced one by one; then all that could fail because of a missing value. */
const mostSingly = 20;

/**
 * Renders a template with variables whose values nobody knows. Where it fails because of what stands in their place (a part of it is asked
 * for, or a number), that one tag prints the same, and the rest is rendered as it is: nothing wrong is found that a right value would not have.
 */
export function renderWithStandIns({ engine, template, variables }: Unresolved): StoodIn {
  const isAsked = [...valuesUsed(template, variables.values).keys()].some((name) => variables.unresolved.has(name));
  const dependent = isAsked ? dependentSegments({ template, variables }) : new Set<number>();
  if (dependent.size === 0) return { result: renderTemplate({ engine, template, variables }), template, variables };
  const [text, number] = standIns;
  const first = patched({ engine, template, variables, dependent, standIn: text });
  if (!first.result.ok || parseToml(first.result.text).ok) return first;
  const values = new Map([...variables.values].map(([name, value]) => [name, variables.unresolved.has(name) ? number : value]));
  const second = patched({ engine, template, variables: { ...variables, values }, dependent, standIn: number });
  return second.result.ok ? second : first;
}

/** The tags that a missing value may have a part in. */
function dependentSegments({ template, variables }: Pick<Unresolved, 'template' | 'variables'>): ReadonlySet<number> {
  const { segments } = followVariables({ template, tree: findBlocks(template), variables: variables.unresolved.keys() });
  return new Set(segments.flatMap(({ printed }, index) => (printed.size > 0 && template.segments[index]?.kind !== 'text' ? [index] : [])));
}

function patched({
  engine,
  template,
  variables,
  dependent,
  standIn,
}: Unresolved & { readonly dependent: ReadonlySet<number>; readonly standIn: string }): StoodIn {
  let tried = template;
  for (let patches = 0; ; patches += 1) {
    const result = renderTemplate({ engine, template: tried, variables });
    const failed = result.ok ? null : result.failedBecauseOfValuesIn;
    if (failed === null || !dependent.has(failed)) return { result, template: tried, variables };
    const places = patches < mostSingly ? new Set([failed]) : dependent;
    const segments = tried.segments.map((segment, index) => (places.has(index) ? withStandIn(segment, { template, standIn }) : segment));
    if (segments[failed] === tried.segments[failed]) return { result, template: tried, variables };
    tried = { ...template, segments };
  }
}
