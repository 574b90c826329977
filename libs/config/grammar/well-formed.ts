import type { z } from 'zod';
import { messageOf } from './issue-messages.ts';
import { type Pointer, pointerText } from './toml-places.ts';
import { unfoldUnion } from './union-issues.ts';

/** What the schema found at a place; unions are unfolded by `unfoldUnion` first. */
export type Issue = z.core.$ZodIssue;

interface Faulty<Part extends z.ZodType> {
  /** Every key may be missing in it, and `null` stands for an item of a list of tables. */
  readonly part: Part;
  readonly root: unknown;
  /** What is wrong with the whole. */
  readonly found: readonly Issue[];
  /** Values that are no matter here. */
  readonly unknown: readonly Pointer[];
}

/** Each round leaves out at least one value, or the table around it. */
const mostRounds = 32;

/**
 * What is left of a table without its faults, and the faults that only show then: a rule over several keys is not asked while one of them
 * has the wrong type. Items of lists keep their places.
 */
export function wellFormed<Part extends z.ZodType>({
  part,
  root,
  found,
  unknown,
}: Faulty<Part>): {
  readonly value: z.infer<Part> | null;
  readonly more: readonly Issue[];
} {
  const copy = copyOf(root);
  const more: Issue[] = [];
  const told = new Set(found.map(idOf));
  for (const pointer of unknown) leaveOut(copy, pointer);
  for (let round = 0; round < mostRounds; round += 1) {
    const parsed = part.safeParse(copy, { error: messageOf });
    if (parsed.success) return { value: parsed.data, more };
    const issues = parsed.error.issues.flatMap(unfoldUnion);
    more.push(...issues.filter((issue) => !told.has(idOf(issue)) && isThere(valueAt(copy, pointerOf(issue.path)))));
    for (const issue of issues) told.add(idOf(issue));
    mend(copy, issues);
  }
  return { value: null, more };
}

/** The places that an issue is about. */
export function culprits(issue: Issue): readonly Pointer[] {
  const path = pointerOf(issue.path);
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

/** A path of the schema library, whose keys might also be symbols. */
export function pointerOf(path: readonly PropertyKey[]): Pointer {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}

/** What stands at a place; undefined when nothing does. */
export function valueAt(root: unknown, pointer: Pointer): unknown {
  return pointer.reduce(
    (value: unknown, step) => (isContainer(value) && Object.hasOwn(value, step) ? Reflect.get(value, step) : undefined),
    root,
  );
}

/** Whether a key was written, and is left out because its value is not well-formed: what holds without it may not be what was meant. */
export function isLeftOut(table: object | undefined, key: string): boolean {
  return table !== undefined && Object.hasOwn(table, key) && Reflect.get(table, key) === undefined;
}

function idOf({ path, message }: Issue): string {
  return JSON.stringify([path.map(String), message]);
}

/** What is wrong in several places goes once: a key of which nothing is left is known as written until the next round. */
function mend(root: unknown, issues: readonly Issue[]): void {
  const gone = new Set<string>();
  for (const issue of issues) {
    for (const pointer of culprits(issue)) {
      // A key that is none goes altogether.
      if (issue.code === 'unrecognized_keys') deleteKey(root, pointer);
      else leaveOut(root, pointer, gone);
    }
  }
}

function deleteKey(root: unknown, pointer: Pointer): void {
  const around = valueAt(root, pointer.slice(0, -1));
  if (isContainer(around)) Reflect.deleteProperty(around, pointer.at(-1) ?? '');
}

/** Takes out one value, in a later round its key. When that is not there either, what is wrong is the table that misses it. */
function leaveOut(root: unknown, pointer: Pointer, gone = new Set<string>()): void {
  const step = pointer.at(-1);
  if (step === undefined || gone.has(pointerText(pointer))) return;
  const around = valueAt(root, pointer.slice(0, -1));
  const has = isContainer(around) && Object.hasOwn(around, step);
  if (has) gone.add(pointerText(pointer));
  if (has && Array.isArray(around) && around[Number(step)] !== null) around[Number(step)] = null;
  else if (has && !Array.isArray(around) && Reflect.get(around, step) !== undefined) Reflect.set(around, step, undefined);
  else if (has && !Array.isArray(around)) Reflect.deleteProperty(around, step);
  else leaveOut(root, pointer.slice(0, -1), gone);
}

/** Tables and lists anew, everything else as it is. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  return isContainer(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyOf(each)])) : value;
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
