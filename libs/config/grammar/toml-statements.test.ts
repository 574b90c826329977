import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { beginsAnew, splitToml } from './toml-statements.ts';

const statementsOf = (text: string) => [...splitToml(text)];
const parts = (text: string) => statementsOf(text).map(({ start, end }) => text.slice(start, end).trimEnd());

describe('the statements of a TOML text', () => {
  for (const [what, text, expected] of [
    ['lines', 'a = 1\n\n  # c\n[b]\n', ['a = 1', '# c', '[b]']],
    ['CRLF and a byte order mark', '\uFEFFa = 1\r\n\r\nb = 2\r\n', ['a = 1', 'b = 2']],
    ['a list over several lines', 'a = [\n "]", # ]\n [1],\n [true]\n]\nb = 1\n', ['a = [\n "]", # ]\n [1],\n [true]\n]', 'b = 1']],
    ['tables in a list', 'a = [\n { b = 1,\n c = 2 },\n]\nd = 1\n', ['a = [\n { b = 1,\n c = 2 },\n]', 'd = 1']],
    ['a text of several lines', 'a = """\n[b]\nc = 1"""""\nd = 1', ['a = """\n[b]\nc = 1"""""', 'd = 1']],
    ['a list without its end', 'a = [1,\nb = 2\n[c]\n', ['a = [1,', 'b = 2', '[c]']],
    ['a table without its end', 'a = { b = 1\nc = 2\n[d]\n', ['a = { b = 1\nc = 2', '[d]']],
    ['a torn text', 'a = "one\ntwo"\nb = 1\n', ['a = "one\ntwo"', 'b = 1']],
    ['a forgotten quote', 'a = "one\nb = "two"\nc = "three\n', ['a = "one', 'b = "two"', 'c = "three']],
    ['an escaped quote', 'a = "\\""\nb = "\\\\"\n', ['a = "\\""', 'b = "\\\\"']],
  ] as const) {
    it(`end where they do: ${what}`, () => assert.deepEqual(parts(text), expected));
  }

  it('are each valid alone where all of them are together, and lose nothing', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '"', "'", '[', ']', '\n', '#', '\\', '=', ' ') });
    const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text), fc.array(fc.array(fc.boolean())));
    const document = fc.dictionary(
      text,
      fc.oneof(value, fc.dictionary(text, value), fc.array(fc.dictionary(text, value), { minLength: 1 })),
    );
    fc.assert(
      fc.property(document, (root) => {
        const written = stringify(root);
        for (const part of parts(written)) parse(part);
        assert.equal(parts(written).join('').replaceAll(/\s/g, ''), written.replaceAll(/\s/g, ''));
      }),
    );
  });

  it('are found by walking along the text, however many lists have no end', () => {
    const count = 20_000;
    assert.equal(statementsOf('a = [\n'.repeat(count)).length, count);
  });

  for (const what of ['a = [\nb = {}\n', 'a = 1\na = ["', 'a = ["[[a]]\n', '"a = 1\na = [', 'a = ["\n', 'a = {\nb = "\n']) {
    it(`are given up where ends are looked for in vain, again and again: ${JSON.stringify(what)}`, () => {
      const text = what.repeat(100_000);
      const statements = statementsOf(text);
      assert.deepEqual([statements.at(-1)?.isOpenEnded, statements.at(-1)?.end], [true, text.length]);
      assert.ok(statements.length < 40_000, `${statements.length}`);
    });
  }

  it('begin anew with a key or a header', () => {
    const source = 'oops\na = 1\n[b]\n[true]\n# c\n"d" = 1\n[e] f = 1\n["g"]\n';
    assert.deepEqual(
      statementsOf(source).map((statement) => beginsAnew(statement, source)),
      [false, true, true, false, false, false, true, false],
    );
  });
});
