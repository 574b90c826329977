import { z } from 'zod';
import { MainFile } from '../grammar/main-file.ts';
import { RoutesFile } from '../grammar/routes-file.ts';
import { ServiceFile } from '../grammar/service-file.ts';

/** The files of a user, with the schema of each and what editors call it. */
export const schemaFiles = [
  { name: 'kedge.schema.json', title: 'kedge.toml or dispenser.toml', schema: MainFile },
  { name: 'service.schema.json', title: 'service.toml', schema: ServiceFile },
  { name: 'routes.schema.json', title: 'routes of a proxy that runs alone', schema: RoutesFile },
] as const;

type Json = string | number | boolean | null | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

/** JSON Schema of what a user may write, in the draft that TOML editors know. What it cannot express is left to Kedge. */
export function jsonSchemaOf(schema: z.ZodType, title: string): JsonObject {
  const made = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    // Of what is transformed Zod drops the default; here it is a word to the reader.
    override({ zodSchema, jsonSchema }) {
      const told = z.globalRegistry.get(zodSchema);
      if (told && 'default' in told) Object.assign(jsonSchema, { default: told.default });
    },
  });
  const { $schema = null, definitions: _definitions, ...rest } = tidied(JSON.parse(JSON.stringify(made)));
  return { $schema, title, ...rest };
}

/** What only we need goes, and so does what every editor understands differently: references beside other keywords. */
function tidied(entry: JsonObject): JsonObject {
  const { form: _form, fallback, format: _format, $ref: _ref, allOf: _allOf, minimum, maximum, ...kept } = entry;
  const description =
    typeof kept.description === 'string' && typeof fallback === 'string'
      ? `${kept.description}. Default: ${fallback.replaceAll('`', '')}`
      : null;
  const known = {
    ...kept,
    ...(description !== null && { description }),
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
  };
  const inner = Object.fromEntries(Object.entries(known).map(([key, value]) => [key, tidiedValue(value)]));
  const options = Array.isArray(inner.anyOf) ? inner.anyOf.filter((option) => Object.keys(option).length > 0) : [];
  if (options.length === 0) return inner;
  const { anyOf: _anyOf, ...others } = inner;
  return options.length === 1 ? { ...options[0], ...others } : { ...others, anyOf: options };
}

function tidiedValue(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.map(tidiedValue) : tidied(value);
}

function isList(value: readonly Json[] | JsonObject): value is readonly Json[] {
  return Array.isArray(value);
}
