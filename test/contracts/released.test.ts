import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { findBreaks } from './compare-schemas.ts';
import { type Contracts, describeContracts, type JsonSchema } from './describe-contracts.ts';

const file = new URL('released.golden.json', import.meta.url);
const { contracts: released } = JSON.parse(await readFile(file, 'utf8')) as { readonly contracts: Contracts };

describe('the contracts of this tree', () => {
  it('are understood by components of the last release, and understand theirs', () => {
    assert.deepEqual(findBreaks(released, describeContracts()), [], 'add optional fields, or a new version of the type');
  });
});

describe('findBreaks', () => {
  const text: JsonSchema = { type: 'string' };
  const before: JsonSchema = {
    type: 'object',
    properties: {
      name: text,
      kind: { type: 'string', enum: ['a', 'b'] },
      list: { type: 'array', items: { anyOf: [text, { type: 'null' }] } },
      map: { type: 'object', propertyNames: text, additionalProperties: { type: 'integer' } },
      open: { type: 'object', properties: { name: text } },
      closed: { type: 'object', properties: { name: text }, additionalProperties: false },
      pair: { type: 'array', prefixItems: [text, { type: 'integer' }] },
    },
    required: ['name'],
  };
  const changed = (properties: Readonly<Record<string, JsonSchema>>, required = ['name']): JsonSchema => ({
    ...before,
    properties: { ...before.properties, ...properties },
    required,
  });
  const table: readonly (readonly [string, JsonSchema | null, RegExp | null])[] = [
    ['accepts the same', before, null],
    ['accepts an added field', changed({ more: text }), null],
    ['accepts another description', changed({ name: { ...text, description: 'the name' } }), null],
    ['refuses a subject that is gone', null, /gone/],
    ['refuses a field that is gone', { ...before, properties: { name: text } }, /kind: it is gone/],
    ['refuses another type', changed({ name: { type: 'integer' } }), /name: .*string.* became .*integer/],
    ['refuses an added value of an enumeration', changed({ kind: { type: 'string', enum: ['a', 'b', 'c'] } }), /kind/],
    ['refuses an added field that is required', changed({ more: text }, ['name', 'more']), /more: it is new and required/],
    ['refuses a field that became required', changed({}, ['name', 'kind']), /kind: it became required/],
    ['refuses a field that became optional', changed({}, []), /name: it became optional/],
    ['refuses another variant', changed({ list: { type: 'array', items: { anyOf: [text, { type: 'integer' }] } } }), /list\[\]\|1/],
    ['refuses one variant more', changed({ list: { type: 'array', items: { anyOf: [text, { type: 'null' }, text] } } }), /2 variants/],
    ['refuses other values of a map', changed({ map: { type: 'object', additionalProperties: text } }), /map\.\*/],
    [
      'accepts an open object that says so',
      changed({ open: { type: 'object', properties: { name: text }, additionalProperties: {} } }),
      null,
    ],
    [
      'refuses an open object that was closed',
      changed({ open: { ...before.properties?.closed } }),
      /open\.\*: it took any, and takes none/,
    ],
    [
      'refuses a closed object that was opened',
      changed({ closed: { ...before.properties?.open } }),
      /closed\.\*: it took none, and takes any/,
    ],
    [
      'refuses an added field of a closed object',
      changed({ closed: { type: 'object', properties: { name: text, more: text }, additionalProperties: false } }),
      /closed\.more: it is new, and the released version refuses/,
    ],
    ['refuses a map that became open', changed({ map: { type: 'object' } }), /map\.\*: it took .*integer.*, and takes any/],
    [
      'refuses an open object that became a map',
      changed({ open: { type: 'object', properties: { name: text }, additionalProperties: text } }),
      /open\.\*: it took any, and takes .*string/,
    ],
    [
      'accepts a map that does not speak of its keys any more',
      changed({ map: { type: 'object', additionalProperties: { type: 'integer' } } }),
      null,
    ],
    [
      'refuses narrower names of keys',
      changed({
        map: { type: 'object', propertyNames: { type: 'string', pattern: '^[a-z]+$' }, additionalProperties: { type: 'integer' } },
      }),
      /map\.\*: its name: .*became.*pattern/,
    ],
    [
      'refuses names of keys where there were none',
      changed({ open: { type: 'object', properties: { name: text }, propertyNames: { type: 'string', enum: ['name'] } } }),
      /open\.\*: its name: .*became.*enum/,
    ],
    ['refuses a bound on a list', changed({ list: { ...before.properties?.list, maxItems: 3 } }), /list: \{\} became \{"maxItems":3\}/],
    ['refuses a bound on a map', changed({ map: { ...before.properties?.map, minProperties: 1 } }), /map: .*minProperties/],
    ['refuses another tuple', changed({ pair: { type: 'array', prefixItems: [text] } }), /pair: another number/],
  ];
  for (const [name, after, expected] of table) {
    it(name, () => {
      const breaks = findBreaks({ subject: before }, after ? { subject: after } : {});
      if (expected) assert.match(breaks.join('\n'), expected);
      else assert.deepEqual(breaks, []);
    });
  }
});
