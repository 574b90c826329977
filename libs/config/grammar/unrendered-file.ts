import type { ConfigProblem } from '@kedge/shared/contracts';
import { parse, TomlError } from 'smol-toml';
import { type BlankTemplate, blankTemplate } from './blank-template.ts';
import { insertsLines } from './harmless-values.ts';
import { mendToml } from './mend-toml.ts';
import { asWritten } from './source-place.ts';
import { type TemplateFile, type TomlFile, type TomlTable, tomlProblem } from './template-file.ts';
import { findTomlPlaces, type Pointer, pointerOfText, pointerText, type TomlPlaces } from './toml-places.ts';
import { valueAt } from './well-formed.ts';

/** Stands where an expression stood: valid as a part of a text and as a number, and not longer than any expression. */
const mark = '7707';
/** Stands for the sign of an expression that has no end in its line: the bracket in it opens nothing. */
const openMark = '$\uE000';

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
  const texts = branches.map(({ text }) => withMarks(text));
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
  const root = knownKeys(parsed);
  const places = findTomlPlaces(mended.text);
  const unknown = outermost([...mended.unknown, ...unknownIn(root), ...decidedIn({ root, places, blocks })]);
  return { ...told, tables: { file: { ...bare, root, places }, unknown } };
}

/** The same of a file that was rendered, and is no TOML. Values of several lines may hold keys, or tables. */
export function readFaulty(file: TemplateFile): UnrenderedFile {
  if (insertsLines(file)) return { tables: null, problems: [], isWhole: false };
  return readUnrendered(file.path, file.source);
}

/** An expression has its line for itself, or nothing but names and filters between its braces. */
const expression = /\$\{(?:[^{}\n]*|[\w\s.|()-]*)\}/g;

/** A text with something harmless in the place of each expression, as long as that. */
function withMarks(text: string): string {
  return text.replaceAll(expression, (found) => found.replaceAll(/[^\r\n]/g, ' ').replace(/^ {4}/, mark)).replaceAll('${', openMark);
}

function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    return false;
  }
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

/** Without keys that an expression has a part in: what they are called is not known. */
function knownKeys(table: TomlTable): TomlTable {
  return Object.fromEntries(Object.entries(table).flatMap(([key, value]) => (isMade(key) ? [] : [[key, withKnownKeys(value)]])));
}

function withKnownKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKnownKeys);
  return isTable(value) ? knownKeys(value) : value;
}

function unknownIn(value: unknown, pointer: Pointer = []): Pointer[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownIn(item, [...pointer, index]));
  if (isTable(value)) return Object.entries(value).flatMap(([key, inner]) => unknownIn(inner, [...pointer, key]));
  return isMade(String(value)) ? [pointer] : [];
}

/** An expression has a part in it, or what is meant to be one. */
function isMade(text: string): boolean {
  return text.includes(mark) || text.includes(openMark);
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}
