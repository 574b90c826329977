import type { ConfigProblem } from '@kedge/shared/contracts';
import { type BlankTemplate, blankTemplate } from './blank-template.ts';
import { type ExpressionMarks, marksFor } from './expression-marks.ts';
import { insertsLines } from './harmless-values.ts';
import { mendToml } from './mend-toml.ts';
import { isTable, isToml, type TomlTable } from './read-toml.ts';
import { asWritten } from './source-place.ts';
import { type TemplateFile, type TomlFile, tomlProblem } from './template-file.ts';
import { findTomlPlaces, type Pointer, pointerOfText, pointerText, type TomlPlaces } from './toml-places.ts';
import { valueAt } from './well-formed.ts';

/** A file of which something is told elsewhere: its variables could not be filled in, or it is no TOML. */
export interface UnrenderedFile {
  /** Null when nothing can be told of its tables. */
  readonly tables: { readonly file: TomlFile; readonly unknown: readonly Pointer[] } | null;
  /** What makes it no TOML, whatever its variables are; empty when something else may be to blame. */
  readonly problems: readonly ConfigProblem[];
  /** False when something was taken out because it is no TOML. */
  readonly isWhole: boolean;
}

/**
 * Reads what of a file does not depend on variables: `unknown` are the values that do, those that statements decide about, and those that
 * are no TOML.
 */
export function readUnrendered(path: string, source: string): UnrenderedFile {
  // With all branches of its statements, and with the first of each.
  const branches = blankTemplate(source);
  if (branches.length === 0) return { tables: null, problems: [], isWhole: false };
  const { marked, isMade } = marksFor(source);
  const texts = branches.map(({ text }) => marked(text));
  const rendered = texts.find(isToml) ?? texts.at(-1) ?? '';
  const blocks = branches[0]?.blocks ?? [];
  const { root: parsed, faults, ...mended } = mendToml(rendered);
  // What was written keeps its place: as many characters stand before it.
  const bare = { path, source, rendered: mended.text, map: asWritten, tainted: [], taints: new Map<string, never>() };
  const plain = faults.filter(({ statement }) => isPlain(statement, { source, rendered, blocks }));
  // What a value makes of its line, what follows may be a part of.
  const isTold = faults.every((fault) => fault.isContained || plain.includes(fault));
  const problems = (isTold ? plain.filter(({ isRepeated }) => !isRepeated) : []).map((fault) => tomlProblem(bare, fault));
  const told = { problems, isWhole: faults.length === 0 };
  if (!parsed) return { ...told, tables: null };
  const root = knownKeys(parsed, isMade);
  const places = findTomlPlaces(mended.text);
  const unknown = outermost([...mended.unknown, ...unknownIn(root, { isMade }), ...decidedIn({ root, places, blocks })]);
  return { ...told, tables: { file: { ...bare, root, places }, unknown } };
}

/** The same of a file that was rendered, and is no TOML. Values of several lines may hold keys, or tables. */
export function readFaulty(file: TemplateFile): UnrenderedFile {
  if (insertsLines(file)) return { tables: null, problems: [], isWhole: false };
  return readUnrendered(file.path, file.source);
}

interface Around extends Pick<BlankTemplate, 'blocks'> {
  readonly source: string;
  readonly rendered: string;
}

/** Whether a statement says the same whatever the variables are. */
function isPlain({ start, end }: { readonly start: number; readonly end: number }, { source, rendered, blocks }: Around): boolean {
  const isAsWritten = source.slice(start, end) === rendered.slice(start, end) && !/\{[%#]/.test(source.slice(start, end));
  return isAsWritten && !blocks.some(({ from, to }) => start < to && from < end);
}

/** Each once, and none that lies in another: it is gone with that. */
function outermost(pointers: readonly Pointer[]): Pointer[] {
  const all = new Map(pointers.map((pointer) => [pointerText(pointer), pointer]));
  return [...all.values()].filter((pointer) => !pointer.some((_, length) => length > 0 && all.has(pointerText(pointer.slice(0, length)))));
}

interface Decided {
  readonly root: TomlTable;
  readonly places: TomlPlaces;
  readonly blocks: BlankTemplate['blocks'];
}

/** Keys, tables and values that stand in a block, or hold one. Of a list of tables each is in it or not. */
function decidedIn({ root, places, blocks }: Decided): Pointer[] {
  if (blocks.length === 0) return [];
  const isList = (value: unknown) => Array.isArray(value) && value.every(isTable);
  return [...places].flatMap(([pointer, { key, end }]) =>
    blocks.some(({ from, to }) => key < to && from < end) && !isList(valueAt(root, pointerOfText(pointer))) ? [pointerOfText(pointer)] : [],
  );
}

type IsMade = ExpressionMarks['isMade'];

/** Without keys that an expression has a part in: what they are called is not known. */
function knownKeys(table: TomlTable, isMade: IsMade): TomlTable {
  const known = Object.entries(table).filter(([key]) => !isMade(key));
  return Object.fromEntries(known.map(([key, value]) => [key, withKnownKeys(value, isMade)]));
}

function withKnownKeys(value: unknown, isMade: IsMade): unknown {
  if (Array.isArray(value)) return value.map((item) => withKnownKeys(item, isMade));
  return isTable(value) ? knownKeys(value, isMade) : value;
}

function unknownIn(value: unknown, { isMade, pointer = [] }: { readonly isMade: IsMade; readonly pointer?: Pointer }): Pointer[] {
  const within = (inner: unknown, step: string | number) => unknownIn(inner, { isMade, pointer: [...pointer, step] });
  if (Array.isArray(value)) return value.flatMap(within);
  if (isTable(value)) return Object.entries(value).flatMap(([key, inner]) => within(inner, key));
  return isMade(String(value)) ? [pointer] : [];
}
