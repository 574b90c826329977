import type { z } from 'zod';

interface Telling {
  /** One sentence or less; Markdown. It stands in editors and on the page of keys. */
  readonly description: string;
  /** What holds without the key, as a value of TOML. */
  readonly default?: string | number | boolean;
  /** What holds without the key, where that is no value. */
  readonly fallback?: string;
}

/** A key with what people are told about it, a description if that is all: editors and the page of keys are made from it (`schema/`). */
export function told<Schema extends z.ZodType>(schema: Schema, telling: string | Telling): Schema {
  return schema.meta(typeof telling === 'string' ? { description: telling } : { ...telling });
}

interface Form {
  /** In the words of the page of keys. */
  readonly form: string;
  /** Of JSON Schema: they tell editors what a transform hides. */
  readonly [keyword: string]: unknown;
}

/** A form that a value may have, in the words of the page of keys if that is all. */
export function formed<Schema extends z.ZodType>(schema: Schema, form: string | Form): Schema {
  return schema.meta(typeof form === 'string' ? { form } : { ...form });
}
