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
    const each = items.flatMap((item, index) => compare(`${path}[${items.length > 1 ? index : ''}]`, item, nextItems[index] ?? {}));
    return [...each, ...compareBounds(path, before, after)];
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
  const [entries, nextEntries] = [entriesOf(before), entriesOf(after)];
  const isNew = Object.keys(are).filter((key) => !(key in were));
  const added = isNew.flatMap((key) => {
    if (needs.has(key)) return [`${path}.${key}: it is new and required`];
    return entries === 'none' ? [`${path}.${key}: it is new, and the released version refuses what it does not know`] : [];
  });
  const names = compare(`${path}.*: its name`, before.propertyNames ?? anyName, after.propertyNames ?? anyName);
  return [...kept, ...added, ...compareEntries(path, entries, nextEntries), ...names, ...compareBounds(path, before, after)];
}

/** What may stand in an object besides its properties: anything, nothing, or values of one kind. */
type Entries = 'any' | 'none' | JsonSchema;
const anyName: JsonSchema = { type: 'string' };

/** An object that says nothing of further properties is open, and so is one that says that they may be anything. */
function entriesOf({ additionalProperties: further = true }: JsonSchema): Entries {
  if (typeof further === 'boolean') return further ? 'any' : 'none';
  return Object.keys(withoutWords(further)).length === 0 ? 'any' : further;
}

function compareEntries(path: string, before: Entries, after: Entries): string[] {
  if (typeof before === 'object' && typeof after === 'object') return compare(`${path}.*`, before, after);
  if (before === after) return [];
  return [`${path}.*: it took ${spelledEntries(before)}, and takes ${spelledEntries(after)}`];
}

function spelledEntries(entries: Entries): string {
  return typeof entries === 'object' ? spelled(entries) : entries;
}

/** How many of something there may be, and whatever else a schema says of an object or array besides what is in it. */
function compareBounds(path: string, before: JsonSchema, after: JsonSchema): string[] {
  const [bounds, nextBounds] = [boundsOf(before), boundsOf(after)];
  return isDeepStrictEqual(bounds, nextBounds) ? [] : [`${path}: ${JSON.stringify(bounds)} became ${JSON.stringify(nextBounds)}`];
}

const contents = new Set(['type', 'properties', 'required', 'additionalProperties', 'propertyNames', 'items', 'prefixItems']);

function boundsOf(schema: JsonSchema): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(withoutWords(schema)).filter(([keyword]) => !contents.has(keyword)));
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
