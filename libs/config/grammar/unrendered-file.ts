import { parse, TomlError } from 'smol-toml';
import { asWritten } from './source-place.ts';
import type { TomlFile, TomlTable } from './template-file.ts';
import { findTomlPlaces, type Pointer } from './toml-places.ts';

/** Stands where an expression stood: valid as a part of a text and as a number, and not longer than any expression. */
const mark = '7707';

/**
 * A file whose variables could not be filled in, for what does not depend on them: `unknown` are the values that do. Null when statements
 * decide what stands in it, or when it is no TOML without them.
 */
export function readUnrendered(path: string, source: string): { readonly file: TomlFile; readonly unknown: readonly Pointer[] } | null {
  if (source.includes('{%')) return null;
  const rendered = source
    .replaceAll(/\{#.*?#\}/gs, (comment) => ' '.repeat(comment.length))
    .replaceAll(/\$\{[^{}]*\}/g, (expression) => mark.padEnd(expression.length));
  try {
    const parsed = parse(rendered);
    if (isDeeper(parsed, deepest)) return null;
    const root = knownKeys(parsed);
    // What was written keeps its place: as many characters stand before it.
    const file: TomlFile = {
      path,
      source,
      rendered,
      map: asWritten,
      tainted: [],
      taints: new Map(),
      root,
      places: findTomlPlaces(rendered),
    };
    return { file, unknown: unknownIn(root) };
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    return null;
  }
}

/** Of tables within tables; no key that is known lies deeper than this. */
const deepest = 64;

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Date) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
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
