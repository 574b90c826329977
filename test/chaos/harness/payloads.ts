import fc from 'fast-check';
import type { JsonSchema } from '../../contracts/describe-contracts.ts';

/** Bytes that somebody might send in place of a message: far off, or nearly right and then spoilt. */
export function payloads(schema: JsonSchema): fc.Arbitrary<Uint8Array> {
  const nearly = fitting(schema);
  const json = fc.oneof(
    { weight: 3, arbitrary: nearly.chain(spoilt) },
    { weight: 1, arbitrary: nearly },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 5 }) },
    { weight: 1, arbitrary: fc.constantFrom(...monsters) },
  );
  const text = json.map((value) => new TextEncoder().encode(JSON.stringify(value)));
  return fc.oneof(
    { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: text.chain(bitten) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2_000 }) },
  );
}

/** Values that fit a schema, as far as its patterns can be followed. */
export function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(fitting));
  switch (schema.type) {
    case 'object':
      return fittingObject(schema);
    case 'array':
      return fc.array(fitting(schema.items ?? {}), { maxLength: 3 });
    case 'string':
      return fittingString(schema);
    case 'integer':
      return fc.integer();
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function fittingObject({ properties = {}, required = [], additionalProperties }: JsonSchema): fc.Arbitrary<unknown> {
  const named = fc.record(Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, fitting(value)])), {
    requiredKeys: [...required],
  });
  if (typeof additionalProperties !== 'object') return named;
  const others = fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fitting(additionalProperties), { maxKeys: 3 });
  return fc.tuple(others, named).map((both) => Object.assign({}, ...both) as unknown);
}

function fittingString({ pattern, format }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((date) => date.toISOString());
  // Look-arounds cannot be followed; such a value is spoilt from the start.
  if (typeof pattern === 'string' && !pattern.includes('(?=')) return fc.stringMatching(new RegExp(pattern));
  return fc.string();
}

/** Takes a part away, puts something else in its place, or adds one. */
function spoilt(value: unknown): fc.Arbitrary<unknown> {
  const places = placesOf(value);
  const [first] = places;
  if (!first) return fc.jsonValue();
  const other = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(...monsters));
  return fc.tuple(fc.constantFrom(...places), fc.constantFrom('remove', 'replace', 'add'), other).map(([place, how, replacement]) => {
    const copy = structuredClone(value);
    const parent = place.slice(0, -1).reduce<unknown>((part, key) => (part as Readonly<Record<string, unknown>>)[key], copy);
    const holder = parent as Record<string, unknown>;
    const key = place.at(-1) ?? '';
    if (how === 'remove') delete holder[key];
    else holder[how === 'add' ? `${key}+` : key] = replacement;
    return copy;
  });
}

/** The way to every part of a value. */
function placesOf(value: unknown, prefix: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => [[...prefix, key], ...placesOf(part, [...prefix, key])]);
}

/** Cuts the end off, or changes a byte. */
function bitten(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.tuple(fc.nat({ max: bytes.length }), fc.integer({ min: 0, max: 255 }), fc.boolean()).map(([at, byte, cut]) => {
    if (cut) return bytes.slice(0, at);
    const changed = bytes.slice();
    changed[at] = byte;
    return changed;
  });
}

/** What breaks careless readers. */
const monsters: readonly unknown[] = [
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  'x'.repeat(60_000),
  '../../etc/passwd',
  '\u0000\uFFFF\u202E*.>',
  Array.from({ length: 5_000 }, () => null),
  Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1),
  Number.MAX_SAFE_INTEGER,
  -1,
  1e308,
  '',
];
