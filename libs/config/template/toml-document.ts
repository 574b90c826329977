import { readToml } from '../grammar/read-toml.ts';
import { isDeeper, mostLevels } from '../grammar/toml-depth.ts';
import type { Pointer } from '../grammar/toml-places.ts';

/** A value that holds no others. */
export type Scalar = string | number | bigint | boolean | Date;

/** A value that holds no others, and its place in the document. */
export interface Leaf {
  readonly pointer: Pointer;
  readonly value: Scalar;
}

/** The document, or the first thing that makes a text none. */
export type ParsedToml =
  | { readonly ok: true; readonly root: unknown }
  /** The message is one of the parser's constant sentences; offsets count UTF-16 units from 0. */
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** Deeper tables would make every walk over them overflow; it is told at the beginning of the file. */
export const tooDeep = 'is nested deeper than any key that is known';

/** Parses TOML. Its errors tell the place and the rule, never the text. */
export function parseToml(text: string): ParsedToml {
  const read = readToml(text);
  if (!('root' in read)) return { ok: false, offset: read.offset, message: `not valid TOML: ${read.reason}` };
  return isDeeper(read.root, mostLevels) ? { ok: false, offset: 0, message: tooDeep } : { ok: true, root: read.root };
}

/** Every value of a document that holds no others, in document order. */
export function leavesOf(node: unknown, pointer: Pointer = []): Leaf[] {
  if (isScalar(node)) return [{ pointer, value: node }];
  return childrenOf(node).flatMap(([key, child]) => leavesOf(child, [...pointer, key]));
}

/** The value at a pointer whose parts are all text, as JSON pointers are; null when nothing, or no single value, stands there. */
export function leafAt(root: unknown, pointer: readonly string[]): Scalar | null {
  let node = root;
  for (const part of pointer) {
    const child = childrenOf(node).find(([key]) => String(key) === part);
    if (!child) return null;
    node = child[1];
  }
  return isScalar(node) ? node : null;
}

/** A value as JSON text, so that `5`, `"5"` and `5.5` differ, and TOML's `nan` and `inf` too. */
export function scalarJson(value: Scalar): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** A value as a container would get it. */
export function scalarText(value: Scalar): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function childrenOf(node: unknown): [key: string | number, child: unknown][] {
  if (Array.isArray(node)) return [...node.entries()];
  return typeof node === 'object' && node !== null && !isScalar(node) ? Object.entries(node) : [];
}

function isScalar(node: unknown): node is Scalar {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof node) || node instanceof Date;
}
