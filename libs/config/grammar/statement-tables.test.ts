import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leaveBlank, pointerIn, tablesIn } from './statement-tables.ts';
import type { Pointer } from './toml-places.ts';
import { splitToml } from './toml-statements.ts';

describe('the table of a statement', () => {
  const tables = (text: string) => {
    const statements = [...splitToml(text)];
    const tableOf = tablesIn(text, statements);
    return statements.filter(({ kind }) => kind === 'pair').map((statement) => tableOf(statement));
  };

  it('is that of the header before it, and of a list the item that it begins', () => {
    assert.deepEqual(tables('a = 1\n[b]\nc = 1\n[[d.e]]\nf = 1\n[[d.e]]\ng = 1\n[d.e.h]\ni = 1\n'), [
      [],
      ['b'],
      ['d', 'e', 0],
      ['d', 'e', 1],
      ['d', 'e', 1, 'h'],
    ]);
  });

  it('is the outermost where no header stands', () => assert.deepEqual(tables('a = 1\nb = 2\n'), [[], []]));
});

describe('what lost something', () => {
  for (const [table, key, pointer] of [
    [['b'], 'c', ['b', 'c']],
    [[], 'a."b c".d', ['a', 'b c', 'd']],
    [['b'], '', ['b']],
    [[], '', null],
    [null, 'a', null],
    [['b'], 'a b', ['b']],
    [[], Array.from({ length: 200 }, () => 'a').join('.'), null],
  ] as const satisfies readonly (readonly [Pointer | null, string, Pointer | null])[]) {
    it(`is ${JSON.stringify(pointer)} for ${key.slice(0, 20)} in ${JSON.stringify(table)}`, () =>
      assert.deepEqual(pointerIn(table, key), pointer));
  }
});

describe('a place where nothing is left', () => {
  it('is known as written, without a word on what stood there', () => {
    const root = { a: { b: 1 }, c: 'text' };
    for (const pointer of [['a', 'b'], ['a', 'd'], ['e', 'f'], ['c', 'g'], []]) leaveBlank(root, pointer);
    assert.deepEqual(root, { a: { b: 1, d: '' }, c: 'text', e: { f: '' } });
  });

  it('may be called as nothing else can', () => {
    const root = {};
    leaveBlank(root, ['__proto__', 'a']);
    assert.deepEqual(Object.keys(root), ['__proto__']);
    assert.equal(Reflect.get(Object.prototype, 'a'), undefined);
  });
});
