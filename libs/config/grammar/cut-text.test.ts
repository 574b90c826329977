import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tomlFile } from '../testing/toml-files.ts';
import { cutTexts } from './cut-text.ts';

const said = (source: string, value: string) => cutTexts(tomlFile('web/service.toml', { source, variables: { pw: value, other: 'x' } }));

describe('a value that ends the text around it', () => {
  for (const [what, source, value] of [
    ['begins a comment', 'A = "${pw}"\n', 'c4nary" # x'],
    ['begins a key', 'A = "x-${pw}"\n', 'c4nary"\nB = "y'],
    ['stands in an array', 'A = ["${other}", "${pw}"]\n', 'c4nary", "more'],
  ] as const) {
    it(`is told when it ${what}, and never quoted`, () => {
      const [problem, ...more] = said(source, value);
      assert.deepEqual([problem?.line, problem?.column, more], [1, source.indexOf('${pw}') + 1, []]);
      assert.match(problem?.message ?? '', /^the value of the variable "pw" ends the text around it/);
      assert.ok(!JSON.stringify(problem).includes('c4nary'));
    });
  }

  it('is told with what helps', () => {
    assert.ok(said('A = "${pw}"\n', 'x" # y')[0]?.message.endsWith("; write '${pw}' here"));
    assert.ok(said('A = "${pw}"\n', `x" # 'y'`)[0]?.message.endsWith("; write '''${pw}''' here"));
  });

  for (const [source, value, cure] of [
    ['A = "${pw}"\n', 'C:\\new\\table', "write '${pw}' here"],
    ['A = "x-${pw}-y"\n', 'a\\\\b', "write '${pw}' here"],
    ['A = """${pw}"""\n', "\\t'", "write '''${pw}''' here"],
  ] as const) {
    it(`has no backslash either, in ${source.trim()}`, () => {
      const [problem, ...more] = said(source, value);
      assert.equal(more.length, 0);
      assert.equal(problem?.column, source.indexOf('${pw}') + 1);
      assert.match(problem?.message ?? '', /has a backslash, which within "…" is the beginning of another character/);
      assert.ok(problem?.message.endsWith(`; ${cure}`), problem?.message);
    });
  }

  it('may have a backslash where it is one', () => assert.deepEqual(said("A = '${pw}'\nB = ${pw}\n", '1 # \\'), []));

  it('is none when the text goes on, or when there is no text around it', () => {
    assert.deepEqual(said("A = '${pw}'\n", 'say "x"'), []);
    assert.deepEqual(said('A = ${pw}\n', '"text"'), []);
    assert.deepEqual(said('A = "${pw}" # ${pw}\n', 'plain'), []);
  });
});
