import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { unfoldUnion } from './union-issues.ts';

const schema = z.object({
  a: z.union([z.string().min(2, 'too short'), z.array(z.union([z.int(), z.strictObject({ b: z.boolean() })], { error: 'an item' }))], {
    error: 'text or array',
  }),
});
const said = (a: unknown) =>
  (schema.safeParse({ a }).error?.issues ?? [])
    .flatMap(unfoldUnion)
    .map(({ path, message, code }) => [path.join('.'), code === 'custom' ? '' : message]);

describe('what is wrong with one of several forms', () => {
  for (const [value, wanted] of [
    ['x', [['a', 'too short']]],
    [5, [['a', 'text or array']]],
    [['x'], [['a.0', 'an item']]],
    [[1, { b: 5 }], [['a.1.b', 'Invalid input: expected boolean, received number']]],
  ] as const) {
    it(`is told for ${JSON.stringify(value)}`, () => assert.deepEqual(said(value), wanted));
  }
});
