import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { messageOf } from './issue-messages.ts';

const said = (schema: z.ZodType, value: unknown) => schema.safeParse(value, { error: messageOf }).error?.issues[0]?.message;

describe('what is said of a value of the wrong kind', () => {
  for (const [schema, value, wanted] of [
    [z.int(), 80.5, 'must be a whole number, not a fraction'],
    [z.int(), 'x', 'must be a whole number, not text'],
    [z.int(), undefined, 'is missing; it must be a whole number'],
    [z.int(), Number.NaN, 'must be a whole number, not nan'],
    [z.number(), Number.POSITIVE_INFINITY, 'must be a number, not inf'],
    [z.number(), 'x', 'must be a number, not text'],
    [z.int(), 1e300, 'is larger than any number that is meant here'],
    [z.int(), -1e300, 'is smaller than any number that is meant here'],
    [z.boolean(), 'true', 'must be true or false, without quotes, not text'],
    [z.string(), new Date(0), 'must be text in quotes, not a date'],
    [z.object({}), [], 'must be a table, not an array'],
  ] as const) {
    it(`is: ${wanted}`, () => assert.equal(said(schema, value), wanted));
  }
});
