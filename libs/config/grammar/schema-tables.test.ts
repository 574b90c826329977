import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { headerOf, isListOfTables, keysAt, tablesOf, wordsOf } from './schema-tables.ts';

const schema = z.strictObject({
  one: z.strictObject({ inner: z.strictObject({ deep: z.string() }).optional(), text: z.string() }),
  many: z.array(z.strictObject({ text: z.string() })).optional(),
  either: z.union([z.literal('all'), z.array(z.strictObject({ count: z.int() }))]),
  any: z.record(z.string(), z.strictObject({ soft: z.int() })),
  kedge: z.strictObject({ text: z.string() }),
});

describe('the tables of a schema', () => {
  it('are told as they are written, with their keys', () => {
    assert.deepEqual(
      tablesOf(schema).map(({ header, keys, isAlias }) => [header, keys.join(), ...(isAlias ? ['alias'] : [])].join(' ')),
      ['[one] inner,text', '[one.inner] deep', '[[many]] text', '[[either]] count', '[kedge] text alias'],
    );
    assert.deepEqual([headerOf(['one', 'inner']), headerOf(['many', 3]), headerOf(['any', 'x'])], ['[one.inner]', '[[many]]', '[any.x]']);
  });

  it('are found once for a schema: each unknown key asks for them', () => {
    assert.equal(tablesOf(schema), tablesOf(schema));
  });

  it('have keys wherever they stand', () => {
    for (const [path, keys] of [
      [[], ['one', 'many', 'either', 'any', 'kedge']],
      [['many'], []],
      [['many', 7], ['text']],
      [['either', 0], ['count']],
      [['any', 'x'], ['soft']],
      [['one', 'text'], []],
      [['nothing'], []],
    ] as const) {
      assert.deepEqual(keysAt(schema, path), keys);
    }
    assert.deepEqual([isListOfTables(schema, ['many']), isListOfTables(schema, ['one'])], [true, false]);
    assert.deepEqual(new Set(wordsOf(schema)), new Set(['one', 'many', 'either', 'any', 'kedge', 'inner', 'text', 'deep', 'count']));
  });
});
