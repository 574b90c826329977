import { nearest } from '@kedge/shared/kernel';

/** A part of a template: text that stands as it is, a variable, or something that this version does not understand. */
export type Segment =
  | { readonly kind: 'text'; readonly start: number; readonly end: number }
  | { readonly kind: 'variable'; readonly start: number; readonly end: number; readonly name: string }
  | { readonly kind: 'unsupported'; readonly start: number; readonly end: number; readonly message: string };

/** A template and what it is made of; segments follow each other without a gap. */
export interface Template {
  readonly source: string;
  readonly segments: readonly Segment[];
}

/** Something wrong at a place of a template. Never quotes what stands there. */
export interface TemplateProblem {
  readonly offset: number;
  readonly message: string;
  readonly nearest?: string;
}

/** Sorted `[rendered offset, source offset]`: one pair at 0 and one at each boundary of a substitution. */
export type OffsetMap = readonly (readonly [rendered: number, source: number])[];

export interface Rendered {
  readonly text: string;
  readonly map: [rendered: number, source: number][];
}

const onlyPlain = `only plain variables such as \${name} exist in this version; filters, defaults, expressions, {% statements %} and {# comments #} do not`;
const opening = /\$\{|\{%|\{#/g;
const closings: Readonly<Record<string, string>> = { '{%': '%}', '{#': '#}' };
const plainVariable = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*$/;

/** Splits a template. A lone `$` or `{` is text. */
export function parseTemplate(source: string): Template {
  const segments: Segment[] = [];
  let at = 0;
  for (const { index, 0: sign } of source.matchAll(opening)) {
    if (index < at) continue;
    if (index > at) segments.push({ kind: 'text', start: at, end: index });
    const segment = construct(source, index, sign);
    segments.push(segment);
    at = segment.end;
  }
  if (at < source.length) segments.push({ kind: 'text', start: at, end: source.length });
  return { source, segments };
}

/** Names of the variables that a template uses, each with the place of its first use. */
export function variableUses({ segments }: Template): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const segment of segments) {
    if (segment.kind === 'variable' && !uses.has(segment.name)) uses.set(segment.name, segment.start);
  }
  return uses;
}

/** Parts of a template that this version does not understand. */
export function unsupportedParts({ segments }: Template): TemplateProblem[] {
  return segments.flatMap((segment) => (segment.kind === 'unsupported' ? [{ offset: segment.start, message: segment.message }] : []));
}

/** Variables that a template uses and nobody defines. */
export function undefinedVariables({ segments }: Template, known: Iterable<string>): TemplateProblem[] {
  const names = new Set(known);
  return segments.flatMap((segment): TemplateProblem[] => {
    if (segment.kind !== 'variable' || names.has(segment.name)) return [];
    const candidate = nearest(segment.name, [...names]);
    const message = `variable "${segment.name}" is not defined; add it to dispenser.vars`;
    return [{ offset: segment.start, message, ...(candidate === null ? {} : { nearest: candidate }) }];
  });
}

/** Puts the values in. What cannot be rendered (`unsupportedParts`, `undefinedVariables`) stays as it is written. */
export function renderTemplate({ source, segments }: Template, values: ReadonlyMap<string, string>): Rendered {
  const map: [number, number][] = [[0, 0]];
  let text = '';
  for (const segment of segments) {
    const value = segment.kind === 'variable' ? values.get(segment.name) : undefined;
    if (value === undefined) {
      text += source.slice(segment.start, segment.end);
      continue;
    }
    mark(map, text.length, segment.start);
    text += value;
    mark(map, text.length, segment.end);
  }
  return { text, map };
}

/** The place in the source that a rendered offset came from; anything within a substitution is the place of its `${`. */
export function sourceOffset(map: OffsetMap, rendered: number): number {
  const after = map.findIndex(([offset]) => offset > rendered);
  const [from, source] = map[(after < 0 ? map.length : after) - 1] ?? [0, 0];
  const upTo = after < 0 ? undefined : map[after];
  // A gap in the source that is not as wide as in the rendered text is a substitution.
  if (upTo && upTo[0] - from !== upTo[1] - source) return source;
  return source + (rendered - from);
}

function construct(source: string, start: number, sign: string): Segment {
  const closing = closings[sign] ?? '}';
  const close = source.indexOf(closing, start + sign.length);
  const lineEnd = source.indexOf('\n', start);
  if (close < 0) {
    const end = lineEnd < 0 ? source.length : lineEnd;
    return { kind: 'unsupported', start, end, message: `"${sign}" is never closed with "${closing}"; ${onlyPlain}` };
  }
  const end = close + closing.length;
  const name = sign === '${' ? plainVariable.exec(source.slice(start + 2, close))?.[1] : undefined;
  return name === undefined ? { kind: 'unsupported', start, end, message: onlyPlain } : { kind: 'variable', start, end, name };
}

function mark(map: [number, number][], rendered: number, source: number): void {
  const last = map.at(-1);
  if (last?.[0] !== rendered || last[1] !== source) map.push([rendered, source]);
}
