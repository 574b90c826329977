import { parse, TomlError } from 'smol-toml';
import { type BlankTemplate, blankTemplate } from './blank-template.ts';
import { asWritten } from './source-place.ts';
import type { TomlFile, TomlTable } from './template-file.ts';
import { isDeeper, mostLevels } from './toml-depth.ts';
import { findTomlPlaces, type Pointer, pointerOfText, pointerText, type TomlPlaces } from './toml-places.ts';
import { valueAt } from './well-formed.ts';

/** Stands where an expression stood: valid as a part of a text and as a number, and not longer than any expression. */
const mark = '7707';

/**
 * A file whose variables could not be filled in, for what does not depend on them: `unknown` are the values that do, and those that
 * statements decide about. Null when it is no TOML without them.
 */
export function readUnrendered(path: string, source: string): { readonly file: TomlFile; readonly unknown: readonly Pointer[] } | null {
  for (const { text, blocks } of blankTemplate(source)) {
    const rendered = text.replaceAll(/\$\{[^{}]*\}/g, (expression) => mark.padEnd(expression.length));
    const parsed = parsedToml(rendered);
    if (!parsed) continue;
    const root = knownKeys(parsed);
    const places = findTomlPlaces(rendered);
    // What was written keeps its place: as many characters stand before it.
    const file: TomlFile = { path, source, rendered, map: asWritten, tainted: [], taints: new Map(), root, places };
    return { file, unknown: outermost([...unknownIn(root), ...decidedIn({ root, places, blocks })]) };
  }
  return null;
}

function parsedToml(text: string): TomlTable | null {
  try {
    const parsed = parse(text);
    return isDeeper(parsed, mostLevels) ? null : parsed;
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    return null;
  }
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
  return Object.fromEntries(Object.entries(table).flatMap(([key, value]) => (key.includes(mark) ? [] : [[key, withKnownKeys(value)]])));
}

function withKnownKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKnownKeys);
  return isTable(value) ? knownKeys(value) : value;
}

function unknownIn(value: unknown, pointer: Pointer = []): Pointer[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownIn(item, [...pointer, index]));
  if (isTable(value)) return Object.entries(value).flatMap(([key, inner]) => unknownIn(inner, [...pointer, key]));
  return String(value).includes(mark) ? [pointer] : [];
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !(value instanceof Date);
}
