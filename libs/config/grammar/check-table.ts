import type { ConfigProblem } from '@kedge/shared/contracts';
import { nearest } from '@kedge/shared/kernel';
import { z } from 'zod';
import { insteadOf } from './compose-words.ts';
import { problemAt, type TomlFile, taintAt } from './template-file.ts';
import type { Pointer } from './toml-places.ts';
import { unfoldUnion } from './union-issues.ts';

export type Checked<Value> = { readonly value: Value | null; readonly problems: readonly ConfigProblem[] };

/** Checks a parsed file against its schema; everything that is wrong is told together, each at its place. `value` is null then. */
export function checkTable<Schema extends z.ZodType>(schema: Schema, file: TomlFile, root: unknown): Checked<z.infer<Schema>> {
  const parsed = schema.safeParse(root, { error: messageOf });
  if (parsed.success) return { value: parsed.data, problems: [] };
  return { value: null, problems: parsed.error.issues.flatMap(unfoldUnion).flatMap((issue) => problemsOf(schema, file, issue)) };
}

function problemsOf(schema: z.ZodType, file: TomlFile, issue: z.core.$ZodIssue): ConfigProblem[] {
  const path: Pointer = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(schema, file, path, key));
    case 'invalid_key':
      return [problemAt(file, path, { message: issue.issues[0]?.message ?? 'is not a valid key', atKey: true })];
    case 'custom':
      return [problemAt(file, path, { message: `${issue.message}${explanation(issue, file, path)}` })];
    default:
      return [problemAt(file, path, { message: issue.message })];
  }
}

/** What a schema says more (`params.quoting`) quotes the value: left out when a variable filled it. */
function explanation({ params }: z.core.$ZodIssueCustom, file: TomlFile, path: Pointer): string {
  return typeof params?.quoting === 'string' && !taintAt(file, path) ? `: ${params.quoting}` : '';
}

function unknownKey(schema: z.ZodType, file: TomlFile, path: Pointer, key: string): ConfigProblem {
  const known = knownKeys(schema, path);
  const table = path.filter((step) => typeof step === 'string').join('.');
  const near = nearest(key, known);
  const instead = insteadOf(key);
  if (instead !== null) return problemAt(file, [...path, key], { message: `unknown key${inTable(table)}; ${instead}`, atKey: true });
  const home = near === null ? homeOf(schema, key) : null;
  if (home !== null && home !== table) {
    const written = kindOf(leafAt(file.root, [...path, key])) === 'a table' ? `: write [${home}.${key}]` : '';
    return problemAt(file, [...path, key], { message: `unknown key${inTable(table)}; it belongs in [${home}]${written}`, atKey: true });
  }
  const message = `unknown key${inTable(table)}; known are ${known.join(', ')}`;
  return problemAt(file, [...path, key], { message, nearest: near, atKey: true });
}

function inTable(table: string): string {
  return table === '' ? '' : ` in [${table}]`;
}

/** The one table that has such a key; null when none has, or several. */
function homeOf(schema: z.core.$ZodType, key: string): string | null {
  const homes = knownKeys(schema, []).filter((table) => table !== alias && knownKeys(schema, [table]).includes(key));
  return homes.length === 1 ? (homes[0] ?? null) : null;
}

/** Another name of a table: what belongs in one belongs in the other. */
const alias = 'kedge';

function leafAt(root: unknown, path: Pointer): unknown {
  return path.reduce((value: unknown, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined), root);
}

/** The keys that the schema names at a path of the file. */
function knownKeys(schema: z.core.$ZodType, path: Pointer): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return knownKeys(schema.unwrap(), path);
  if (schema instanceof z.ZodPipe) return knownKeys(schema.in, path);
  if (schema instanceof z.ZodUnion) return schema.options.map((option) => knownKeys(option, path)).find((keys) => keys.length > 0) ?? [];
  const [step, ...rest] = path;
  if (schema instanceof z.ZodRecord) return step === undefined ? [] : knownKeys(schema.valueType, rest);
  if (schema instanceof z.ZodArray) return typeof step === 'number' ? knownKeys(schema.element, rest) : [];
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  if (step === undefined) return Object.keys(shape);
  const next = shape[step];
  return next ? knownKeys(next, rest) : [];
}

/** What is said where a schema has no words of its own. Never the value: it may come from a variable. */
function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  const wanted = kinds[issue.expected] ?? issue.expected;
  if (issue.input === undefined) return `is missing; it must be ${wanted}`;
  return `must be ${wanted}, not ${kindOf(issue.input)}`;
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false, without quotes',
  array: 'an array',
  object: 'a table',
  record: 'a table',
};

function kindOf(input: unknown): string {
  if (typeof input === 'string') return 'text';
  if (typeof input === 'number' || typeof input === 'bigint') return 'a number';
  if (typeof input === 'boolean') return 'true or false';
  if (Array.isArray(input)) return 'an array';
  if (input instanceof Date) return 'a date';
  return 'a table';
}
