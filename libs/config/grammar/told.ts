import type { z } from 'zod';

interface Telling {
  /** One sentence or less; Markdown. It stands in editors and on the page of keys. */
  readonly description: string;
  /** What holds without the key, as a value of TOML. */
  readonly default?: string | number | boolean;
  /** What holds without the key, where that is no value. */
  readonly fallback?: string;
}

/** A key with what people are told about it: editors and the page of keys are made from it (`schema/`). */
export function told<Schema extends z.ZodType>(schema: Schema, description: string, more: Omit<Telling, 'description'> = {}): Schema {
  return schema.meta({ description, ...more } satisfies Telling);
}

/** A form that a value may have, in the words of the page of keys. More keywords of JSON Schema may tell editors what a transform hides. */
export function formed<Schema extends z.ZodType>(schema: Schema, form: string, keywords: Readonly<Record<string, unknown>> = {}): Schema {
  return schema.meta({ form, ...keywords });
}
