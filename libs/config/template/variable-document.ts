import { findBreakingVariable } from '../grammar/breaking-variable.ts';
import { isMadeRange } from '../grammar/shown-key.ts';
import { toSourceOffset } from '../grammar/source-place.ts';
import { findTomlPlaces, pointerText } from '../grammar/toml-places.ts';
import { plainWords } from '../grammar/toml-reasons.ts';
import { nameable } from './failure.ts';
import type { Taint } from './leaf-taint.ts';
import type { TemplateProblem } from './lexer.ts';
import { readSecretSource, type SecretSource } from './secret-source.ts';
import { type SecretAnswer, sourceKey } from './secret-store.ts';
import { standIns } from './tag-stand-in.ts';
import { parseToml } from './toml-document.ts';

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
  /** What no template can name. */
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
export function readVariableDocument(document: Document): Variables {
  const { path, source, rendered, map, known, unresolved: partly } = document;
  const parsed = parseToml(rendered);
  if (!parsed.ok) return incomplete([{ path, ...brokenAt(document, parsed) }]);
  const taint = document.taintOf(parsed.root);
  // What a secret decides may be a name: nothing further is told of this file.
  if (taint.problems.length > 0) return incomplete(taint.problems.map((problem) => ({ path, ...problem })));

  const secretLeaves = taint.leaves.filter(({ origin }) => origin === 'secret-source').map(({ leaf }) => leaf.pointer);
  const values = new Map<string, string>();
  const secrets = new Set(secretLeaves.map(([name]) => String(name)));
  const misplaced = new Set(secretLeaves.flatMap(([name, ...within]) => (within.length > 0 ? [String(name)] : [])));
  const unresolved = new Map<string, SecretSource>();
  const made = new Set<string>();
  const problems: VariableProblem[] = [];
  const warnings: VariableProblem[] = [];
  const places = findTomlPlaces(rendered);

  for (const [name, value] of Object.entries(parsed.root ?? {})) {
    const place = places.get(pointerText([name]));
    if (place ? isMadeRange({ map, source }, { from: place.key, to: place.keyEnd }) : rendered !== source) made.add(name);
    const offset = () => toSourceOffset({ map, source }, place?.key ?? 0);
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
  return { values, secrets, unresolved, made, problems, warnings, complete: problems.length === 0 };
}

/** Why a file is no TOML, at its place in the source. */
function brokenAt({ path, source, rendered, map }: Document, parsed: { readonly offset: number; readonly message: string }) {
  const breaking = findBreakingVariable({ path, source, rendered, map });
  if (breaking) return { offset: breaking.offset, message: `not valid TOML: ${breaking.message}` };
  const message = definedTwice({ source, rendered, map }, parsed) ?? plainWords(parsed.message);
  return { offset: toSourceOffset({ map, source }, parsed.offset), message };
}

/** What the parser calls a redefinition, with the name where the file itself says it. */
function definedTwice(
  { source, rendered, map }: Pick<Document, 'source' | 'rendered' | 'map'>,
  { offset, message }: { readonly offset: number; readonly message: string },
): string | null {
  const [whole = '', basic, literal, bare] = /^(?:"([^"\n]*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*=/.exec(rendered.slice(offset)) ?? [];
  const name = basic ?? literal ?? bare;
  if (name === undefined || !message.includes('redefine')) return null;
  const isMade = isMadeRange({ map, source }, { from: offset, to: offset + whole.length - 1 });
  return `${isMade ? 'a variable' : `variable "${name}"`} is defined a second time here; keep one of the two`;
}

/** Nothing but what is wrong. */
export function incomplete(problems: readonly VariableProblem[]): Variables {
  return { values: new Map(), secrets: new Set(), unresolved: new Map(), made: new Set(), problems, warnings: [], complete: false };
}
