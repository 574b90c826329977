import { z } from 'zod';
import type { Pointer } from './toml-places.ts';

interface SchemaTable {
  /** As it is written: `[proxy]`, `[[gate]]`, `[service.healthcheck]`. */
  readonly header: string;
  readonly keys: readonly string[];
  /** Another name of a table that is told. */
  readonly isAlias: boolean;
}

/** Another name of a table: what belongs in one belongs in the other. */
const alias = 'kedge';

/** A schema never changes, and is asked for its tables with each key that it does not know. */
const found = new WeakMap<z.core.$ZodType, readonly SchemaTable[]>();

/** The tables that a schema names, also those within others. */
export function tablesOf(schema: z.core.$ZodType): readonly SchemaTable[] {
  const before = found.get(schema);
  if (before) return before;
  const tables = tablesBelow(schema, []);
  found.set(schema, tables);
  return tables;
}

function tablesBelow(schema: z.core.$ZodType, path: Pointer): readonly SchemaTable[] {
  return keysAt(schema, path).flatMap((name) => {
    const place = [...path, name];
    // What a key may be besides a text or a number is known where it is written, and nowhere else.
    if (path.length > 0 && isListOfTables(schema, place)) return [];
    const inner = isListOfTables(schema, place) ? [...place, 0] : place;
    const keys = keysAt(schema, inner);
    if (keys.length === 0) return [];
    return [{ header: headerOf(inner), keys, isAlias: name === alias }, ...tablesBelow(schema, inner)];
  });
}

/** Every key that a schema names, wherever. */
export function wordsOf(schema: z.core.$ZodType): readonly string[] {
  return [...keysAt(schema, []), ...tablesOf(schema).flatMap(({ keys }) => keys)];
}

/** How a table is written: a place within a list stands for each of its tables. */
export function headerOf(path: Pointer): string {
  const name = path.filter((step) => typeof step === 'string').join('.');
  return typeof path.at(-1) === 'number' ? `[[${name}]]` : `[${name}]`;
}

/** Whether a place holds a list of which each item is a table. */
export function isListOfTables(schema: z.core.$ZodType, path: Pointer): boolean {
  return keysAt(schema, path).length === 0 && keysAt(schema, [...path, 0]).length > 0;
}

/** The keys that the schema names at a path of the file. */
export function keysAt(schema: z.core.$ZodType, path: Pointer): readonly string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return keysAt(schema.unwrap(), path);
  if (schema instanceof z.ZodPipe) return keysAt(schema.in, path);
  if (schema instanceof z.ZodUnion) return schema.options.map((option) => keysAt(option, path)).find((keys) => keys.length > 0) ?? [];
  const [step, ...rest] = path;
  if (schema instanceof z.ZodRecord) return typeof step === 'string' ? keysAt(schema.valueType, rest) : [];
  if (schema instanceof z.ZodArray) return typeof step === 'number' ? keysAt(schema.element, rest) : [];
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  if (step === undefined) return Object.keys(shape);
  const next = shape[step];
  return next ? keysAt(next, rest) : [];
}
