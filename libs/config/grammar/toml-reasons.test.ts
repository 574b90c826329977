import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile } from '../testing/toml-files.ts';
import { parseTemplate } from './template-file.ts';
import { inPlainWords } from './toml-reasons.ts';

/** Texts that are no TOML, where that is told, and a part of what is told. */
const table: readonly (readonly [text: string, place: string, said: RegExp])[] = [
  ['a = ', '1:5', /a value was expected here: text in quotes/],
  ['a = nginx', '1:5', /a value was expected here/],
  ['a', '1:1', /a key, "=" and a value were expected/],
  ['[a', '1:2', /the name of a table ends in "\]"/],
  ['a = "x', '1:5', /no closing quote/],
  ['a = [1,', '1:5', /no closing "\]"/],
  ['[[a]\nb = 1', '1:5', /a second "\]" was expected/],
  ['a = { b = 1,', '1:5', /no closing "}"/],
  ['a = 1\na = 2', '2:1', /written before in the file/],
  ['[a]\n[a]', '2:2', /written before in the file/],
  ['a = { b = 1, b = 2 }', '1:14', /: this key was written before in the same table; keep one of the two$/],
  ['a = [1 2]', '1:8', /a "," was expected/],
  ['a = 01', '1:5', /octal/],
  ['a = "x" y', '1:9', /the end of the line was expected/],
  ['a = "\\d"', '1:7', /begins an escape/],
  ['a = "x\ny"', '1:7', /: the text has no closing quote in this line; if a line break is meant, """/],
  ['a = "five\r\nb = 1', '1:10', /: the text has no closing quote in this line/],
  ['a = "five\nb = "x"', '1:10', /: the text has no closing quote in this line/],
  ['a = "\0"', '1:6', /the text holds .* cannot be seen/],
  ['#\u0001', '1:2', /the comment holds/],
  ['a b = 1', '1:3', /other names need quotes/],
  ['= 1', '1:1', /a name was expected/],
  ['a = 5.', '1:5', /not finished/],
  ['a = 99999999999999999999', '1:5', /larger than any/],
  ['a = 1979-13-01', '1:5', /begins like a date/],
  ['[service\nname = "web"', '1:9', /ends in "\]", which is missing/],
  ['a = 1\n[[port\nhost = 1', '2:7', /ends in "\]\]", which is missing/],
  [`a = ${'['.repeat(2000)}`, '1:1005', /nested deeper here than any key allows/],
];

describe('what is no TOML', () => {
  for (const [text, place, said] of table) {
    it(`is told in plain words: ${JSON.stringify(text)}`, () => {
      const parsed = parseTemplate(templateFile('a.toml', text));
      assert.ok('problems' in parsed && parsed.problems[0]);
      assert.equal(parsed.problems.length, 1);
      const { line, column, message } = inPlainWords(parsed.problems[0]);
      assert.equal(`${line}:${column}`, place);
      assert.match(message, said);
    });
  }

  it('leaves other problems as they are', () => {
    const problem = { file: 'a', line: 1, column: 1, message: 'not valid TOML: something new' };
    assert.equal(inPlainWords(problem), problem);
    assert.equal(inPlainWords({ ...problem, message: 'invalid value' }).message, 'invalid value');
  });
});
