import { isMadeRange } from '../grammar/shown-key.ts';
import { asWritten, offsetAt, placesIn, toSourceOffset } from '../grammar/source-place.ts';
import { faultsOf, type SourceFault } from '../grammar/template-file.ts';
import { findTomlPlaces, pointerText, type TomlPlaces } from '../grammar/toml-places.ts';
import { readFaulty, readUnrendered, type UnrenderedFile } from '../grammar/unrendered-file.ts';
import { nameable } from './failure.ts';
import type { Taint } from './leaf-taint.ts';
import type { TemplateProblem } from './lexer.ts';
import { readSecretSource, type SecretSource } from './secret-source.ts';
import { type SecretAnswer, sourceKey } from './secret-store.ts';
import { standIns } from './tag-stand-in.ts';
import { type ParsedToml, parseToml, tooDeep } from './toml-document.ts';

/** A problem with the file that it is in; the offset counts in the file as it was written. */
export interface VariableProblem extends TemplateProblem {
  readonly path: string;
}

/** The variables of one file, or of all of them after a merge. */
export interface Variables {
  /** Names that are `unresolved` have something harmless in the place of their value. */
  readonly values: ReadonlyMap<string, string>;
  /** Names whose value comes from a secret source, or is made of one that does. */
  readonly secrets: ReadonlySet<string>;
  /** Names whose value, or a part of it, lies in a secret source that nobody asked. */
  readonly unresolved: ReadonlyMap<string, SecretSource>;
  /** Names that a variable has a part in: as little to be told as a value. */
  readonly made: ReadonlySet<string>;
  readonly problems: readonly VariableProblem[];
  /** Where each is defined, as people are told of it: `dispenser.vars:3`. */
  readonly definedAt: ReadonlyMap<string, () => string>;
  /** What no template can name, and files that are passed over. */
  readonly warnings: readonly VariableProblem[];
  /** False when something is missing from `values`, so that an undefined name may be due to that. */
  readonly complete: boolean;
}

interface Document {
  readonly path: string;
  readonly source: string;
  readonly rendered: string;
  readonly map: [rendered: number, source: number][];
  readonly known: ReadonlyMap<string, SecretAnswer>;
  /** A source that nobody asked, and that a secret in this file is made of. */
  readonly unresolved?: SecretSource | undefined;
  readonly taintOf: (root: unknown) => Taint;
}

const madeOfSecret =
  'where a secret lies may not depend on another one (TAINTED_NOT_ALLOWED); write it out, or take it from a variable that is text';

/** Reads the variables of a file that is rendered. A name is shown where the file itself says it, and nowhere else. */
export function readVariableDocument(document: Document, definedAt?: Variables['definedAt']): Variables {
  const { path, rendered } = document;
  const parsed = parseToml(rendered);
  if (!parsed.ok && parsed.message === tooDeep) return incomplete([{ path, ...parsed }]);
  if (!parsed.ok) {
    const faults = faultsIn(document, { parsed, definedAt }).map((fault) => ({ path, ...fault }));
    return withRest(document, { faults, tables: readFaulty({ ...document, tainted: [] }).tables });
  }
  const taint = document.taintOf(parsed.root);
  // What a secret decides may be a name: nothing further is told of this file.
  if (taint.problems.length > 0) return incomplete(taint.problems.map((problem) => ({ path, ...problem })));
  return readEntries(document, { root: parsed.root, places: findTomlPlaces(rendered), taint, unknown: new Set() });
}

/** What can be told of a file that could not be rendered, for these reasons. */
export function readUnrenderedDocument(
  document: Pick<Document, 'path' | 'source' | 'known'>,
  reasons: readonly TemplateProblem[],
): Variables {
  const { path, source } = document;
  const { problems, tables } = readUnrendered(path, source);
  const hidden = source.startsWith('\uFEFF') ? 1 : 0;
  const faults = problems.map(({ line, column, message }) => {
    const offset = offsetAt(source, { line, column }) + (line === 1 ? hidden : 0);
    return { path, offset, message: definedTwice(source, { offset, message }) ?? message };
  });
  const all = [...reasons.map(({ missing: _name, ...problem }) => ({ path, ...problem })), ...faults];
  return withRest(document, { faults: all, tables });
}

/** Beside what makes a file none: what is wrong with the lines that are right by themselves. */
function withRest(
  document: Pick<Document, 'path' | 'source' | 'known'>,
  { faults, tables }: { readonly faults: readonly VariableProblem[]; readonly tables: UnrenderedFile['tables'] },
): Variables {
  if (!tables) return incomplete(faults);
  const { file, unknown } = tables;
  const nothing: Taint = { leaves: [], problems: [] };
  const names = new Set(unknown.map(([name]) => String(name)));
  const rest = readEntries(
    { ...document, rendered: file.rendered, map: [...asWritten.map(([from, to]): [number, number] => [from, to])] },
    { root: file.root, places: file.places, taint: nothing, unknown: names },
  );
  const problems = [...faults, ...rest.problems].toSorted((one, other) => one.offset - other.offset);
  return { ...incomplete(problems), warnings: rest.warnings };
}

interface Entries {
  readonly root: unknown;
  readonly places: TomlPlaces;
  readonly taint: Taint;
  /** Names whose values are no matter. */
  readonly unknown: ReadonlySet<string>;
}

function readEntries(
  { path, source, rendered, map, known, unresolved: partly }: Omit<Document, 'taintOf'>,
  { root, places, taint, unknown }: Entries,
): Variables {
  const secretLeaves = taint.leaves.filter(({ origin }) => origin === 'secret-source').map(({ leaf }) => leaf.pointer);
  const values = new Map<string, string>();
  const secrets = new Set(secretLeaves.map(([name]) => String(name)));
  const misplaced = new Set(secretLeaves.flatMap(([name, ...within]) => (within.length > 0 ? [String(name)] : [])));
  const unresolved = new Map<string, SecretSource>();
  const made = new Set<string>();
  const problems: VariableProblem[] = [];
  const warnings: VariableProblem[] = [];
  const definedAt = new Map<string, () => string>();
  const lineOf = linesOf(source);

  for (const [name, value] of Object.entries(root ?? {})) {
    if (unknown.has(name)) continue;
    const place = places.get(pointerText([name]));
    if (place ? isMadeRange({ map, source }, { from: place.key, to: place.keyEnd }) : rendered !== source) made.add(name);
    const offset = () => toSourceOffset({ map, source }, place?.key ?? 0);
    if (!made.has(name)) definedAt.set(name, () => `${path}:${lineOf(offset())}`);
    const shown = made.has(name) ? 'this variable' : `variable "${name}"`;
    const problem = (message: string, nearest?: string) =>
      problems.push({ path, offset: offset(), message, ...(nearest === undefined ? {} : { nearest }) });

    if (!nameable.test(name)) {
      const message = `no template can name ${made.has(name) ? shown : `the ${shown}`}: what is no letter, digit or "_" is a sign of its own there; give it another name, or take it out`;
      warnings.push({ path, offset: offset(), message });
    }
    const reading = readSecretSource(value);
    if (typeof value === 'string') {
      values.set(name, value);
      if (secrets.has(name) && partly) unresolved.set(name, partly);
    } else if (reading && misplaced.has(name)) {
      problem(`${shown}: ${madeOfSecret}`);
    } else if (reading?.ok) {
      const answer = known.get(sourceKey(reading.source));
      if (answer?.ok === false) {
        problem(`${shown}: ${answer.reason}`);
        continue;
      }
      values.set(name, answer ? answer.value : standIns[0]);
      secrets.add(name);
      if (!answer) unresolved.set(name, reading.source);
    } else if (reading) {
      problem(`${shown}: ${reading.message}`, reading.nearest);
    } else {
      problem(`${shown} must be text: write its value in quotes, at the top level of the file`);
    }
  }
  return { values, secrets, unresolved, made, definedAt, problems, warnings, complete: problems.length === 0 };
}

/** Why a file is no TOML, each at its place in the source. */
function faultsIn(
  { path, source, rendered, map }: Document,
  { parsed, definedAt }: { readonly parsed: Extract<ParsedToml, { ok: false }>; readonly definedAt: Variables['definedAt'] | undefined },
): readonly SourceFault[] {
  const first = { offset: parsed.offset, reason: parsed.message.replace(/^not valid TOML: /, '') };
  const whereIs = (name: string) => definedAt?.get(name)?.() ?? null;
  return faultsOf({ path, source, rendered, map }, { first, definedAt: whereIs }).map((fault) => ({
    ...fault,
    message: definedTwice(source, fault) ?? fault.message,
  }));
}

/** What the parser calls a redefinition, with the name where the file itself says it. */
function definedTwice(source: string, { offset, message }: SourceFault): string | null {
  const said = 'is defined a second time here; keep one of the two';
  if (!message.includes('was written before')) return null;
  const [, basic, literal, bare] =
    /^(?:"([^"\n$]*)"|'([^'\n$]*)'|([A-Za-z0-9_-]+))[ \t]*=/.exec(source.slice(offset, offset + longestName)) ?? [];
  const name = basic ?? literal ?? bare;
  if (name !== undefined) return `variable "${name}" ${said}`;
  return /^["']?\$\{/.test(source.slice(offset, offset + 3)) ? `a variable ${said}` : null;
}

const longestName = 400;

/** Counts the lines of a text when the first of them is asked for. */
function linesOf(source: string): (offset: number) => number {
  let placeOf: ReturnType<typeof placesIn> | null = null;
  return (offset) => {
    placeOf ??= placesIn(source);
    return placeOf(offset).line;
  };
}

/** Nothing but what is wrong. */
export function incomplete(problems: readonly VariableProblem[]): Variables {
  return {
    values: new Map(),
    secrets: new Set(),
    unresolved: new Map(),
    made: new Set(),
    definedAt: new Map(),
    problems,
    warnings: [],
    complete: false,
  };
}

/** No variables, and nothing that is missing. */
export function passedOver(path: string, trouble = 'unknown reason'): Variables {
  const message = `is passed over: ${trouble}; lead it to a file, or take it out`;
  return { ...incomplete([]), warnings: [{ path, offset: 0, message }], complete: true };
}
