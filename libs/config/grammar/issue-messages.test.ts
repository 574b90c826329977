import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { messageOf } from './issue-messages.ts';
import { MainFile } from './main-file.ts';
import { ServiceFile } from './service-file.ts';
import { unfoldUnion } from './union-issues.ts';

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

/** The values of several forms that a schema has in it. */
function unionsIn(schema: unknown, seen = new Set<unknown>()): z.ZodUnion[] {
  if (!(schema instanceof z.ZodType) || seen.has(schema)) return [];
  seen.add(schema);
  const inner = (value: unknown): readonly unknown[] =>
    value instanceof z.ZodType ? [value] : typeof value === 'object' && value !== null ? Object.values(value) : [];
  const own = schema instanceof z.ZodUnion ? [schema] : [];
  return [
    ...own,
    ...Object.values(schema.def)
      .flatMap(inner)
      .flatMap((each) => unionsIn(each, seen)),
  ];
}

describe('what is said of a value that may have several forms', () => {
  const values = ['', 'x', '10.0.0.0/8', 5, -1.5, true, [], ['x', 5], {}, { a: 'x' }, new Date(0)];
  const issuesOf = (union: z.ZodUnion, value: unknown) =>
    union.safeParse(value, { error: messageOf }).error?.issues.flatMap(unfoldUnion) ?? [];

  for (const [name, file] of [
    ['the main file', MainFile],
    ['service.toml', ServiceFile],
  ] as const) {
    it(`is no word of the schema library in ${name}`, () => {
      const unions = unionsIn(file);
      assert.ok(unions.length > 0);
      for (const union of unions)
        for (const value of values)
          for (const { message } of issuesOf(union, value).filter(({ code }) => code === 'invalid_union'))
            assert.notEqual(message, 'Invalid input', JSON.stringify(z.toJSONSchema(union, { io: 'input', unrepresentable: 'any' })));
    });
  }

  it('tells both forms of what may be true, or an array', () => {
    for (const trust of ['10.0.0.0/8', 5]) assert.deepEqual(said(MainFile, { proxy: { trust_forwarded_headers: trust } }), trustForm);
  });
});

const trustForm = 'must be true or false, without quotes, or an array of addresses such as ["10.0.0.0/8"]';
