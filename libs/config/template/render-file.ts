import type { RenderProblem, RenderReply, TaintedLeaf } from '@kedge/shared/contracts';
import { findBreakingVariables } from '../grammar/breaking-variable.ts';
import { type Engine, mostFileMs } from './engine.ts';
import { tooSlow } from './failure.ts';
import { type FingerprintKey, fingerprint } from './fingerprint.ts';
import type { LeafTaint } from './leaf-taint.ts';
import { lexTemplate, type Template, type TemplateProblem } from './lexer.ts';
import { namesMentioned } from './names-read.ts';
import { definedOutside } from './own-names.ts';
import { renderTemplate, valuesUsed } from './render-template.ts';
import { formatPlace } from './secret-place.ts';
import { renderWithStandIns } from './stand-ins.ts';
import type { TemplateValues } from './template-values.ts';
import { type Leaf, parseToml, scalarJson, tooDeep } from './toml-document.ts';
import { traceTaint } from './trace-taint.ts';
import type { Variables } from './variable-document.ts';

/** A template, and all that may stand in it. */
export interface FileToRender {
  readonly path: string;
  readonly text: string;
  readonly variables: TemplateValues & Pick<Variables, 'unresolved' | 'complete'> & Partial<Pick<Variables, 'definedAt'>>;
  readonly key: FingerprintKey;
  /** `ask`: a value that only a secret source has is a problem. `skip`: something else stands in its place. */
  readonly sources: 'ask' | 'skip';
}

/** The answer about one file. `file.text` holds values: it is sealed before it travels, parsed and dropped. */
export interface RenderedFile {
  readonly file: RenderReply['files'][number];
  readonly problems: readonly RenderProblem[];
  /** Where this file uses variables whose values nobody asked for. */
  readonly notChecked: readonly { readonly name: string; readonly offset: number }[];
}

/** Renders one file and names the values in it that depend on variables. A file with problems stays as it is written, without taint. */
export function renderFile(whole: Engine, { path, text, variables, key, sources }: FileToRender): RenderedFile {
  const lexed = lexTemplate(text);
  const notChecked = lexed.ok ? usesOf(lexed.template, namesShown(variables)) : [];
  const refused = (problems: readonly TemplateProblem[]): RenderedFile => ({
    file: { path, text, map: [[0, 0]], tainted: [] },
    problems: problems.map((problem) => named(path, problem)),
    notChecked,
  });

  const engine = whole.within(mostFileMs);
  if (!lexed.ok) return refused([...lexed.problems, ...problemsIn(lexed.rest, { engine, variables })]);
  if (sources === 'ask' && notChecked.length > 0) {
    return refused(notChecked.map(({ offset, name }) => ({ offset, message: unsupported(name) })));
  }
  const { result: rendered, template, variables: known } = renderWithStandIns({ engine, template: lexed.template, variables });
  if (!rendered.ok) {
    // With a broken variable file a name may be missing only because of that: the broken file is the problem to show.
    return refused(variables.complete ? rendered.problems : rendered.problems.filter(({ missing }) => missing === undefined));
  }
  const parsed = parseToml(rendered.text);
  if (!parsed.ok && parsed.message === tooDeep) return refused([parsed]);
  // Whatever else is no TOML is told by those who read it; only here is known where a variable is defined.
  const definedAt = definedOutside(lexed.template, variables.definedAt);
  const whereIs = (name: string) => definedAt.get(name)?.() ?? null;
  const breaking = parsed.ok ? [] : findBreakingVariables({ path, source: text, rendered: rendered.text, map: rendered.map }, whereIs);
  if (breaking.length > 0) return refused(breaking.map(({ offset, message }) => ({ offset, message: `not valid TOML: ${message}` })));
  const { leaves, problems } = parsed.ok
    ? traceTaint({ engine, template, rendered, root: parsed.root, variables: known })
    : { leaves: [], problems: [] };
  // Too much would seem to depend on variables, and another time something else.
  if (engine.ranOut()) return refused([tooSlow(template)]);
  return {
    file: { path, text: rendered.text, map: rendered.map, tainted: leaves.map((taint) => taintedLeaf(taint, { path, key })) },
    problems: problems.map((problem) => named(path, problem)),
    notChecked,
  };
}

/** What else is wrong with the lines that can be read of a template. */
function problemsIn(
  template: Template | null,
  { engine, variables }: Pick<FileToRender, 'variables'> & { readonly engine: Engine },
): readonly TemplateProblem[] {
  if (!template) return [];
  const { result } = renderWithStandIns({ engine, template, variables });
  if (result.ok) return [];
  return variables.complete ? result.problems : result.problems.filter(({ missing }) => missing === undefined);
}

/** Names of variables whose values nobody asked for; what a variable made of one is left out. */
function namesShown({ unresolved, made }: FileToRender['variables']): string[] {
  return [...unresolved.keys()].map((name) => (made?.has(name) ? '${…}' : name));
}

/** Where a template uses variables: by name, or all of them at once. */
function usesOf({ segments }: Template, names: readonly string[]): { readonly name: string; readonly offset: number }[] {
  const tokens = segments.flatMap((segment) => (segment.kind === 'text' ? [] : namesMentioned(segment.code.tokens)));
  return tokens.flatMap(({ text, start }) =>
    names.filter((name) => name === text || text === 'debug').map((name) => ({ name, offset: start })),
  );
}

interface Text {
  readonly engine: Engine;
  readonly text: string;
  readonly variables: TemplateValues;
}

/** What a file says once its variables are put in; null when it cannot be rendered or is no TOML. */
export function renderedDocument({ engine, text, variables }: Text): unknown {
  const lexed = lexTemplate(text);
  const rendered = lexed.ok ? renderTemplate({ engine: engine.within(mostFileMs), template: lexed.template, variables }) : lexed;
  const parsed = rendered.ok ? parseToml(rendered.text) : rendered;
  return parsed.ok ? parsed.root : null;
}

/** Texts of a file that depend on variables, without any of their values standing in them as it is. */
export function derivedTexts({ engine: whole, text, variables }: Text): string[] {
  const lexed = lexTemplate(text);
  if (!lexed.ok) return [];
  const engine = whole.within(mostFileMs);
  const rendered = renderTemplate({ engine, template: lexed.template, variables });
  const parsed = rendered.ok ? parseToml(rendered.text) : rendered;
  if (!rendered.ok || !parsed.ok) return [];
  const { leaves } = traceTaint({ engine, template: lexed.template, rendered, root: parsed.root, variables });
  const values = [...new Set(valuesUsed(lexed.template, variables.values).values())].filter((value) => value !== '');
  return leaves.flatMap(({ leaf: { value } }) =>
    typeof value === 'string' && !values.some((each) => value.includes(each)) ? [value] : [],
  );
}

/** The fingerprint of the value at a place. */
export function fingerprintOf(key: FingerprintKey, { ref, value }: { readonly ref: string; readonly value: Leaf['value'] }): string {
  return fingerprint(key, { place: ref, json: scalarJson(value) });
}

function unsupported(name: string): string {
  return `the value of the variable "${name}" lies in a secret source, and nobody is there to ask it; write it as text in a vars file`;
}

function taintedLeaf({ leaf: { pointer, value }, origin }: LeafTaint, { path, key }: Pick<FileToRender, 'path' | 'key'>): TaintedLeaf {
  const ref = formatPlace(path, pointer);
  return { pointer: [...pointer], origin, secret: { ref, fingerprint: fingerprintOf(key, { ref, value }) } };
}

function named(path: string, { offset, message, nearest }: TemplateProblem): RenderProblem {
  return { path, offset, message, ...(nearest === undefined ? {} : { nearest }) };
}
