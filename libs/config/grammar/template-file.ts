import type { ConfigProblem, SourceMap, TaintedLeaf } from '@kedge/shared/contracts';
import { type Definitions, findBreakingVariables } from './breaking-variable.ts';
import type { TomlFault } from './faulty-statements.ts';
import { isRightAsFilled, withHarmlessValues } from './harmless-values.ts';
import { mendToml } from './mend-toml.ts';
import { readToml, type TomlTable } from './read-toml.ts';
import { shownKey } from './shown-key.ts';
import { placesIn, toSourceOffset } from './source-place.ts';
import { findTomlPlaces, type Pointer, pointerText, type TomlPlaces } from './toml-places.ts';
import { explainFault, type TomlReason } from './toml-reasons.ts';

/** A file as the user wrote it, and as it reads with its variables filled in. The latter is only ever parsed, never shown. */
export interface TemplateFile {
  /** Relative to the configuration folder. */
  readonly path: string;
  readonly source: string;
  readonly rendered: string;
  readonly map: SourceMap;
  readonly tainted: readonly TaintedLeaf[];
}

/** A template file that is valid TOML. */
export interface TomlFile extends TemplateFile {
  readonly root: TomlTable;
  readonly places: TomlPlaces;
  /** What is tainted, by `pointerText`. */
  readonly taints: ReadonlyMap<string, TaintedLeaf>;
}

/** Parses the rendered text; what is wrong is told at its place in the source, as much of it as can be told at once. */
export function parseTemplate(file: TemplateFile): { readonly file: TomlFile } | { readonly problems: readonly ConfigProblem[] } {
  const read = readToml(file.rendered);
  if ('root' in read) {
    const taints = new Map(file.tainted.map((leaf) => [pointerText(leaf.pointer), leaf]));
    return { file: { ...file, root: read.root, places: findTomlPlaces(file.rendered), taints } };
  }
  return { problems: faultsOf(file, { first: read }).map((fault) => problemAtSource(file, fault)) };
}

/** A fault in a file, at its place in the source. */
export interface SourceFault {
  readonly offset: number;
  readonly message: string;
}

type Filled = Omit<TemplateFile, 'tainted'>;

/** All that makes a text no TOML, as much of it as can be told at once; what the parser says of it is known already. */
export function faultsOf(
  file: Filled,
  { first, definedAt }: { readonly first: TomlReason; readonly definedAt?: Definitions },
): readonly SourceFault[] {
  const breaking = findBreakingVariables(file, definedAt);
  const isBroken = ({ statement: { start, end } }: TomlFault) => breaking.some(({ from }) => start <= from && from < end);
  const beside = faultsBeside(file).filter((fault) => !isBroken(fault));
  const told = breaking.length + beside.length > 0 ? beside : [first];
  const faults = [
    ...breaking.map(({ offset, message }) => ({ offset, message: `not valid TOML: ${message}` })),
    ...told.map((fault) => explainFault(file.source, { offset: toSourceOffset(file, fault.offset), reason: fault.reason })),
  ];
  const each = new Map(faults.map((fault) => [JSON.stringify(fault), fault]));
  return [...each.values()].toSorted((one, other) => one.offset - other.offset);
}

/** Faults that are there whatever the values within quotes are; none when nobody knows where one ends. */
function faultsBeside(file: Filled): readonly TomlFault[] {
  // A line break in a value would make two faults of one.
  const { faults } = mendToml(withHarmlessValues(file));
  const isRight = isRightAsFilled(file);
  return faults.some(({ isBottomless }) => isBottomless) ? [] : faults.filter(({ statement }) => !isRight(statement));
}

/** A fault of the rendered text, in plain words. */
export function tomlProblem(file: TemplateFile, { offset, reason }: TomlReason): ConfigProblem {
  return problemAtSource(file, explainFault(file.source, { offset: toSourceOffset(file, offset), reason }));
}

interface ProblemText {
  /** The key that it is about. */
  readonly pointer: Pointer;
  readonly message: string;
  /** The nearest known key, when the one found is unknown. */
  readonly nearest?: string | null;
  /** Points at the key itself rather than at its value. */
  readonly atKey?: boolean;
}

/** A problem at a key of the file; of a key that is not there, at the table that should hold it. */
export function problemAt(file: TomlFile, { pointer, ...text }: ProblemText): ConfigProblem {
  const place = file.places.get(pointerText(pointer));
  const found = place ?? nearestPlace(file, pointer);
  const key = shownKey(file, pointer);
  const message = `${key}: ${text.message}`;
  return { ...problemAtOffset(file, { ...text, rendered: place && !text.atKey ? found.value : found.key, message }), key };
}

/** The value in quotes for a message; a value that came from a variable is never quoted. */
export function quoted(file: TomlFile, { pointer, value }: { readonly pointer: Pointer; readonly value: string }): string {
  return taintAt(file, pointer) ? 'the value here' : JSON.stringify(value);
}

/** The taint of a leaf, or null when no variable has a part in it. */
export function taintAt({ taints }: Pick<TomlFile, 'taints'>, pointer: Pointer): TaintedLeaf | null {
  return taints.get(pointerText(pointer)) ?? null;
}

function nearestPlace(file: TomlFile, pointer: Pointer): { readonly key: number; readonly value: number } {
  for (let length = pointer.length - 1; length > 0; length -= 1) {
    const place = file.places.get(pointerText(pointer.slice(0, length)));
    if (place) return place;
  }
  return { key: 0, value: 0 };
}

interface ProblemAtOffset extends Omit<ProblemText, 'pointer'> {
  readonly rendered: number;
}

function problemAtOffset(file: TemplateFile, { rendered, ...text }: ProblemAtOffset): ConfigProblem {
  return problemAtSource(file, { ...text, offset: toSourceOffset(file, rendered) });
}

function problemAtSource(
  file: TemplateFile,
  { offset, message, nearest }: SourceFault & { readonly nearest?: string | null | undefined },
): ConfigProblem {
  return { file: file.path, ...placesOf(file)(offset), message, ...(nearest ? { nearest } : {}) };
}

/** The lines of a file are counted with its first problem; most have none. */
const counted = new WeakMap<TemplateFile, ReturnType<typeof placesIn>>();

function placesOf(file: TemplateFile): ReturnType<typeof placesIn> {
  const before = counted.get(file);
  if (before) return before;
  const places = placesIn(file.source);
  counted.set(file, places);
  return places;
}
