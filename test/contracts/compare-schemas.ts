import { isDeepStrictEqual } from 'node:util';
import type { Contracts, JsonSchema } from './describe-contracts.ts';

/**
 * What a component of the released version and one of this tree would misunderstand of each other, in either direction. Within a version
 * fields are only added, and what is added may be absent: the old one writes nothing new and must be read, and reads what is new by
 * ignoring it.
 */
export function findBreaks(released: Contracts, today: Contracts): string[] {
  return Object.entries(released).flatMap(([name, schema]) => {
    const now = today[name];
    return now ? compare(name, schema, now) : [`${name}: it is gone`];
  });
}

function compare(path: string, before: JsonSchema, after: JsonSchema): string[] {
  const wasUnion = variantsOf(before);
  if (wasUnion) return compareUnions(path, wasUnion, variantsOf(after) ?? [after]);
  if (before.type === 'object' && after.type === 'object') return compareObjects(path, before, after);
  if (before.type === 'array' && after.type === 'array') {
    const [items, nextItems] = [itemsOf(before), itemsOf(after)];
    if (items.length !== nextItems.length) return [`${path}: another number of items`];
    return items.flatMap((item, index) => compare(`${path}[${items.length > 1 ? index : ''}]`, item, nextItems[index] ?? {}));
  }
  return isDeepStrictEqual(withoutWords(before), withoutWords(after)) ? [] : [`${path}: ${spelled(before)} became ${spelled(after)}`];
}

function compareObjects(path: string, before: JsonSchema, after: JsonSchema): string[] {
  const [were, are] = [before.properties ?? {}, after.properties ?? {}];
  const [needed, needs] = [new Set(before.required), new Set(after.required)];
  const kept = Object.entries(were).flatMap(([key, schema]) => {
    const now = are[key];
    if (!now) return [`${path}.${key}: it is gone`];
    const demand = needed.has(key) === needs.has(key) ? [] : [`${path}.${key}: it became ${needs.has(key) ? 'required' : 'optional'}`];
    return [...demand, ...compare(`${path}.${key}`, schema, now)];
  });
  const added = [...needs].filter((key) => !(key in were)).map((key) => `${path}.${key}: it is new and required`);
  const [entries, nextEntries] = [before.additionalProperties, after.additionalProperties];
  const values = typeof entries === 'object' && typeof nextEntries === 'object' ? compare(`${path}.*`, entries, nextEntries) : [];
  return [...kept, ...added, ...values];
}

/** Each variant must still be there, in its order; a new one would not be understood by the released version. */
function compareUnions(path: string, before: readonly JsonSchema[], after: readonly JsonSchema[]): string[] {
  if (before.length !== after.length) return [`${path}: ${before.length} variants became ${after.length}`];
  return before.flatMap((variant, index) => compare(`${path}|${index}`, variant, after[index] ?? {}));
}

function variantsOf({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] | undefined {
  return anyOf ?? oneOf;
}

function itemsOf({ prefixItems, items }: JsonSchema): readonly JsonSchema[] {
  return prefixItems ?? (items ? [items] : []);
}

function withoutWords({ description: _description, title: _title, ...rest }: JsonSchema): JsonSchema {
  return rest;
}

function spelled(schema: JsonSchema): string {
  return JSON.stringify(withoutWords(schema));
}
