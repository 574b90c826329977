import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { messageOf } from './issue-messages.ts';
import { unfoldUnion } from './union-issues.ts';
import { isLeftOut, wellFormed } from './well-formed.ts';

const Table = z.strictObject({ a: z.int(), b: z.string().optional() });
const Whole = z.strictObject({
  list: z.array(Table),
  texts: z.array(z.string()).optional(),
  pair: z
    .strictObject({ soft: z.int().optional(), hard: z.int().optional(), kind: z.string().optional() })
    .refine(({ soft = 0, hard = 0 }) => soft <= hard, 'soft is more than hard')
    .optional(),
});
const Part = z.object({ list: z.array(Table.partial().strip().nullable()), texts: z.array(z.string()), pair: Whole.shape.pair }).partial();

function read(root: unknown, unknown: readonly (readonly (string | number)[])[] = []) {
  const parsed = Whole.safeParse(root, { error: messageOf });
  const found = (parsed.error?.issues ?? []).flatMap(unfoldUnion);
  const { value, more } = wellFormed({ part: Part, root, found, unknown });
  return { value, more: more.map(({ message }) => message) };
}

describe('what is well-formed of a table', () => {
  it('keeps the rest of a table, and the places of a list', () => {
    const { value } = read({ list: [{ a: 'x', b: 'y' }, 5, { a: 1, c: 2 }], texts: ['a', 5] });
    assert.deepEqual(value?.list, [{ a: undefined, b: 'y' }, null, { a: 1 }]);
    assert.equal(value?.texts, undefined);
  });

  it('keeps what stands beside a key that is missing', () => {
    assert.deepEqual(read({ list: [{ b: 'y' }] }).value?.list, [{ b: 'y' }]);
  });

  it('tells a key that was left out from one that was not written', () => {
    const [first] = read({ list: [{ a: 'x' }] }).value?.list ?? [];
    assert.deepEqual([isLeftOut(first ?? {}, 'a'), isLeftOut(first ?? {}, 'b'), isLeftOut(undefined, 'a')], [true, false, false]);
  });

  it('knows a list as written of which several items were left out', () => {
    const { value } = read({ list: [], texts: [5, 'a', 6], pair: { soft: 'x', hard: 'y', kind: 3 } });
    assert.deepEqual([isLeftOut(value ?? {}, 'texts'), isLeftOut(value?.pair, 'soft')], [true, true]);
  });

  it('asks for rules that were not asked before', () => {
    assert.deepEqual(read({ list: [], pair: { soft: 2, hard: 1, kind: 3 } }).more, ['soft is more than hard']);
    assert.deepEqual(read({ list: [], pair: { soft: 'x', hard: 1 } }).more, []);
  });

  it('hands on nothing that is not known', () => {
    assert.deepEqual(read({ list: [{ a: 1, b: 'secret' }] }, [['list', 0, 'b']]).value, { list: [{ a: 1, b: undefined }] });
  });

  it('is found whatever is wrong', () => {
    const keys = fc.constantFrom('list', 'texts', 'pair', 'a', 'b', 'soft', 'hard', '__proto__');
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, fc.string(), fc.integer(), fc.constant(null), fc.array(tie('any')), fc.dictionary(keys, tie('any'))),
    })).any;
    fc.assert(fc.property(fc.dictionary(keys, value), (root) => assert.notEqual(read(root).value, null)));
  });
});
