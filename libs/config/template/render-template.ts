import { findBlocks } from './block-tree.ts';
import { mostText } from './engine.ts';
import { everyProblem, type FailedTemplate } from './every-problem.ts';
import { tooMuchText } from './failure.ts';
import type { Template } from './lexer.ts';
import { namesMentioned } from './names-read.ts';
import type { Range } from './placed-leaves.ts';
import { hasMarks, marks, mostSegments, type Provenance, readMarks } from './provenance.ts';
import { rewrite, rewriteMarked } from './rewrite.ts';
import type { TemplateValues, ToRender } from './template-values.ts';
import { followVariables, type VariableFlow } from './variable-flow.ts';

/** A part of the rendered text, and the variables that it depends on. */
export interface DependentSpan extends Range {
  /** Where the source says so. */
  readonly offset: number;
  readonly variables: ReadonlySet<string>;
  readonly isText: boolean;
}

/** A rendered text with its values in it, and where each part of it came from. */
export interface RenderedTemplate {
  readonly ok: true;
  readonly text: string;
  readonly map: [rendered: number, source: number][];
  /** False when what was printed could not be followed: then one span that depends on everything covers it all. */
  readonly exact: boolean;
  readonly spans: readonly DependentSpan[];
  /** Everything but texts of the file that stand there as they are, whether it depends on variables or not. */
  readonly printed: readonly Range[];
}

/** Never both: of a template that fails nothing is used. */
export type TemplateResult = RenderedTemplate | FailedTemplate;

/** Renders a template, and finds out where each part of the result came from and which variables it depends on. */
export function renderTemplate({ engine, template, variables }: ToRender): TemplateResult {
  const { values, secrets } = variables;
  const { source, segments } = template;
  const plain = putIn(template, values);
  if (plain) return plain;

  const used = valuesUsed(template, values);
  const rewritten = rewrite(template);
  const first = engine.render(rewritten.text, used);
  if (!first.ok) return everyProblem({ engine, template, variables, used, failure: first });

  const blocks = findBlocks(template);
  const flow = followVariables({ template, tree: blocks, variables: values.keys() });
  const isSecret = (name: string) => secrets.has(name);
  const marked = new Set(
    blocks.blocks.flatMap(({ index, keyword, captures }) => {
      const decides = (keyword === 'if' || keyword === 'for') && [...(flow.blocks[index] ?? [])].some(isSecret);
      return decides || captures === 'printed' ? [index] : [];
    }),
  );
  const canMark = segments.length < mostSegments && !hasMarks(source) && ![...used.values()].some(hasMarks);
  const second = canMark ? engine.render(rewriteMarked(template, { tree: blocks, marks, marked }).text, used) : null;
  const printing = new Set(
    blocks.blocks.flatMap(({ headers: [header], captures }) => (header !== undefined && captures === 'printed' ? [header] : [])),
  );
  const provenance = second?.ok ? readMarks({ marked: second.text, template, printing }) : null;
  // Whatever got in the way of the marks: a text that is not the same says nothing.
  if (provenance?.text !== first.text) return coarse(template, { text: first.text, flow });
  const spans = spansOf(template, { spans: provenance.spans, flow, isSecret });
  const printed = provenance.spans.filter(({ segment }) => segments[segment]?.kind !== 'text');
  return { ok: true, text: first.text, map: mapOf(provenance), exact: true, spans, printed };
}

/** Only the text that a template makes of values; null when it makes none. */
export function renderText({ engine, template, values }: Omit<ToRender, 'variables'> & Pick<TemplateValues, 'values'>): string | null {
  const plain = putIn(template, values);
  if (plain) return plain.ok ? plain.text : null;
  const result = engine.render(rewrite(template).text, valuesUsed(template, values));
  return result.ok ? result.text : null;
}

/** Most templates are texts and names: nothing of that needs the engine. Null for all others. */
function putIn({ source, segments }: Template, values: ReadonlyMap<string, string>): TemplateResult | null {
  const map: [number, number][] = [];
  const spans: DependentSpan[] = [];
  let text = '';
  for (const segment of segments) {
    const from = text.length;
    map.push([from, segment.start]);
    if (segment.kind === 'text') {
      text += source.slice(segment.start, segment.end);
      continue;
    }
    const [name] = namesMentioned(segment.code.tokens);
    const isName = segment.kind === 'expression' && segment.code.tokens.length === 1 && segment.standIn === undefined;
    const value = name && isName ? values.get(name.text) : undefined;
    if (name === undefined || value === undefined) return null;
    text += value;
    if (text.length > mostText)
      return { ok: false, problems: [{ offset: segment.start, message: tooMuchText }], failedBecauseOfValuesIn: null };
    spans.push({ from, to: text.length, offset: segment.start, variables: new Set([name.text]), isText: false });
  }
  const last = segments.at(-1);
  if (last && last.kind !== 'text') map.push([text.length, last.end]);
  return { ok: true, text, map: map[0]?.[0] === 0 ? map : [[0, 0]], exact: true, spans, printed: spans };
}

/** The engine sees only what a template names, and everything when it asks for everything. */
export function valuesUsed({ segments }: Template, values: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const names = new Set(
    segments.flatMap((segment) =>
      segment.kind === 'text' ? [] : segment.code.tokens.flatMap(({ kind, text }) => (kind === 'name' ? [text] : [])),
    ),
  );
  return names.has('debug') ? values : new Map([...names].flatMap((name) => (values.has(name) ? [[name, values.get(name) ?? '']] : [])));
}

function spansOf(
  { segments }: Template,
  { spans, flow, isSecret }: Pick<Provenance, 'spans'> & { readonly flow: VariableFlow; readonly isSecret: (name: string) => boolean },
): DependentSpan[] {
  return spans.flatMap(({ segment: index, from, to }) => {
    const segment = segments[index];
    const dependence = flow.segments[index];
    if (!segment || !dependence) return [];
    const isText = segment.kind === 'text';
    // That a text stands in the file is no secret, and which of two texts a variable file chose is none either.
    const decided = isText ? [...dependence.decided].filter(isSecret) : dependence.decided;
    const variables = new Set([...dependence.printed, ...decided]);
    return variables.size === 0 ? [] : [{ from, to, offset: segment.start, variables, isText }];
  });
}

function mapOf({ map }: Provenance): [number, number][] {
  return map[0]?.[0] === 0 ? [...map] : [[0, 0], ...map];
}

function coarse({ segments }: Template, { text, flow }: { readonly text: string; readonly flow: VariableFlow }): RenderedTemplate {
  const tag = segments.findIndex(({ kind }) => kind !== 'text');
  const before = segments.slice(0, tag);
  const map: [number, number][] = [];
  let length = 0;
  for (const { start, end } of before) {
    map.push([length, start]);
    length += end - start;
  }
  const offset = segments[tag]?.start ?? 0;
  const variables = new Set(flow.segments.flatMap(({ printed, decided }) => [...printed, ...decided]));
  map.push([length, offset]);
  const all = { from: 0, to: text.length, offset, variables, isText: false };
  return { ok: true, text, map, exact: false, spans: [all], printed: [all] };
}
