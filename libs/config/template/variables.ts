import { findBreakingVariable } from '../grammar/breaking-variable.ts';
import { toSourceOffset } from '../grammar/source-place.ts';
import { plainWords } from '../grammar/toml-reasons.ts';
import type { Engine } from './engine.ts';
import { nameable } from './failure.ts';
import type { LeafTaint } from './leaf-taint.ts';
import { lexTemplate, type TemplateProblem } from './lexer.ts';
import { namesMentioned } from './names-read.ts';
import { readSecretSource, type SecretSource } from './secret-source.ts';
import { type SecretAnswer, sourceKey } from './secret-store.ts';
import { renderWithStandIns, standIns } from './stand-ins.ts';
import { parseToml } from './toml-document.ts';
import { traceTaint } from './trace-taint.ts';

/** A variable file as it is on disk; `text` is null when it cannot be read, and `trouble` says why. */
export interface VariableFile {
  readonly path: string;
  readonly text: string | null;
  readonly trouble?: string;
}

export interface VariableProblem extends TemplateProblem {
  readonly path: string;
}

export interface Variables {
  /** Names that are `unresolved` have something harmless in the place of their value. */
  readonly values: ReadonlyMap<string, string>;
  /** Names whose value comes from a secret source, or is made of one that does. */
  readonly secrets: ReadonlySet<string>;
  /** Names whose value, or a part of it, lies in a secret source that nobody asked. */
  readonly unresolved: ReadonlyMap<string, SecretSource>;
  readonly problems: readonly VariableProblem[];
  /** What no template can name. */
  readonly warnings: readonly VariableProblem[];
  /** False when something is missing from `values`, so that an undefined name may be due to that. */
  readonly complete: boolean;
}

/** The file that holds the primary variables; the others may use them. */
export const primaryFile = 'dispenser.vars';

interface FilesToMerge {
  readonly engine: Engine;
  readonly files: readonly VariableFile[];
  /** What secret sources said, by `sourceKey`. */
  readonly known?: Known;
}

type Known = ReadonlyMap<string, SecretAnswer>;

/**
 * Merges variable files in the order given: the primary file is plain TOML, the others are rendered with its variables first; a later
 * file overrides an earlier one. All values are strings.
 */
export function mergeVariables({ engine, files, known = new Map() }: FilesToMerge): Variables {
  const read = (file: VariableFile, renderedWith: Variables | null) => readFile(file, { engine, known, renderedWith });
  const primary = merge(files.filter(isPrimary).map((file) => read(file, null)));
  const secondary = files.filter((file) => !isPrimary(file)).map((file) => read(file, primary));
  return merge([primary, ...secondary]);
}

function isPrimary({ path }: VariableFile): boolean {
  return path === primaryFile;
}

function merge(parts: readonly Variables[]): Variables {
  const values = new Map<string, string>();
  const secrets = new Set<string>();
  const unresolved = new Map<string, SecretSource>();
  for (const part of parts) {
    for (const [name, value] of part.values) {
      values.set(name, value);
      secrets.delete(name);
      unresolved.delete(name);
      if (part.secrets.has(name)) secrets.add(name);
      const source = part.unresolved.get(name);
      if (source) unresolved.set(name, source);
    }
  }
  return {
    values,
    secrets,
    unresolved,
    problems: parts.flatMap(({ problems }) => problems),
    warnings: parts.flatMap(({ warnings }) => warnings),
    complete: parts.every(({ complete }) => complete),
  };
}

interface Reading {
  readonly engine: Engine;
  readonly known: Known;
  readonly renderedWith: Variables | null;
}

function readFile({ path, text, trouble }: VariableFile, { engine, known, renderedWith }: Reading): Variables {
  if (text === null) return incomplete([{ path, offset: 0, message: `cannot be read: ${trouble ?? 'unknown reason'}` }]);
  if (!renderedWith) return readDocument({ path, source: text, rendered: text, map: [[0, 0]], known }, () => []);

  const lexed = lexTemplate(text);
  if (!lexed.ok) return incomplete([{ path, ...lexed.problem }]);
  const { result, template, variables } = renderWithStandIns({ engine, template: lexed.template, variables: renderedWith });
  if (!result.ok) {
    // With a broken primary file a name may be missing only because of that: one problem, not one for each use.
    const own = renderedWith.complete ? result.problems : result.problems.filter(({ missing }) => missing === undefined);
    return incomplete(own.map(({ missing: _name, ...problem }) => ({ path, ...problem })));
  }
  const unresolved = lexed.template.segments.flatMap((segment) =>
    segment.kind === 'text' ? [] : namesMentioned(segment.code.tokens).flatMap(({ text: name }) => renderedWith.unresolved.get(name) ?? []),
  );
  return readDocument({ path, source: text, rendered: result.text, map: result.map, known, unresolved: unresolved[0] }, (root) => {
    const { leaves, problems } = traceTaint({ engine, template, rendered: result, root, variables });
    return problems.length > 0 ? problems : leaves;
  });
}

interface Document {
  readonly path: string;
  readonly source: string;
  readonly rendered: string;
  readonly map: [rendered: number, source: number][];
  readonly known: Known;
  /** A source that nobody asked, and that a secret in this file is made of. */
  readonly unresolved?: SecretSource | undefined;
}

function readDocument(
  { path, source, rendered, map, known, unresolved: partly }: Document,
  taintOf: (root: unknown) => readonly (LeafTaint | TemplateProblem)[],
): Variables {
  const parsed = parseToml(rendered);
  if (!parsed.ok) {
    const breaking = findBreakingVariable({ source, rendered, map });
    const message = definedTwice(rendered, parsed) ?? plainWords(parsed.message);
    const problem = breaking
      ? { offset: breaking.offset, message: `not valid TOML: ${breaking.message}` }
      : { offset: toSourceOffset({ map, source }, parsed.offset), message };
    return incomplete([{ path, ...problem }]);
  }
  const values = new Map<string, string>();
  const secrets = new Set<string>();
  const unresolved = new Map<string, SecretSource>();
  const problems: VariableProblem[] = [];
  const warnings: VariableProblem[] = [];
  for (const taint of taintOf(parsed.root)) {
    if ('message' in taint) problems.push({ path, ...taint });
    else if (taint.origin === 'secret-source') secrets.add(String(taint.leaf.pointer[0]));
  }
  for (const [name, value] of Object.entries(parsed.root ?? {})) {
    const offset = () => toSourceOffset({ map, source }, offsetOfKey(rendered, name));
    if (!nameable.test(name)) {
      const shown = source.includes(name) ? `the variable "${name}"` : 'this variable';
      const message = `no template can name ${shown}: what is no letter, digit or "_" is a sign of its own there; give it another name, or take it out`;
      warnings.push({ path, offset: offset(), message });
    }
    const reading = readSecretSource(value);
    if (typeof value === 'string') {
      values.set(name, value);
      if (secrets.has(name) && partly) unresolved.set(name, partly);
    } else if (reading?.ok) {
      const answer = known.get(sourceKey(reading.source));
      if (answer?.ok === false) {
        problems.push({ path, offset: offset(), message: `variable "${name}": ${answer.reason}` });
        continue;
      }
      values.set(name, answer ? answer.value : standIns[0]);
      secrets.add(name);
      if (!answer) unresolved.set(name, reading.source);
    } else if (reading) {
      const { message, nearest } = reading;
      problems.push({ path, offset: offset(), message: `variable "${name}": ${message}`, ...(nearest === undefined ? {} : { nearest }) });
    } else {
      const message = `variable "${name}" must be text: write its value in quotes, at the top level of the file`;
      problems.push({ path, offset: offset(), message });
    }
  }
  return { values, secrets, unresolved, problems, warnings, complete: problems.length === 0 };
}

/** What the parser calls a redefinition, with the name: names are no secret. */
function definedTwice(text: string, { offset, message }: { readonly offset: number; readonly message: string }): string | null {
  const [, basic, literal, bare] = /^(?:"([^"\n]*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*=/.exec(text.slice(offset)) ?? [];
  const name = basic ?? literal ?? bare;
  if (name === undefined || !message.includes('redefine')) return null;
  return `variable "${name}" is defined a second time here; keep one of the two`;
}

/** The place of a top-level key: the first line that starts with it and has a valid document before it. */
function offsetOfKey(text: string, name: string): number {
  const starts = [...text.matchAll(/^[ \t]*(?:\[{1,2}[ \t]*)?(?:"([^"\n]*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))/gm)]
    .filter(([, basic, literal, bare]) => (basic ?? literal ?? bare) === name)
    .map(({ index, 0: match }) => index + match.length - match.trimStart().length);
  return starts.find((start) => parseToml(text.slice(0, start)).ok) ?? 0;
}

function incomplete(problems: readonly VariableProblem[]): Variables {
  return { values: new Map(), secrets: new Set(), unresolved: new Map(), problems, warnings: [], complete: false };
}
