import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile } from '../testing/toml-files.ts';
import { parseTemplate } from './template-file.ts';
import { explainFault } from './toml-reasons.ts';

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
  ['a = "\0"', '1:6', /: U\+0000, NUL, stands here; take it out$/],
  ['#\u0001', '1:2', /: U\+0001, a control character, stands here; take it out$/],
  ['a\u00a0= 1', '1:2', /: U\+00A0, a no-break space, stands here; write a plain blank$/],
  ['a =\u00a01', '1:4', /: U\+00A0, a no-break space, stands here/],
  ['\u00a0a = 1', '1:1', /: U\+00A0, a no-break space, stands here/],
  ['\uFEFFa = x\r\nb = 1', '1:5', /a value was expected here/],
  ['a\u200b = 1', '1:2', /: U\+200B, a zero-width space, stands here; take it out$/],
  ['a\0b = 1', '1:2', /: U\+0000, NUL, stands here/],
  ['a = 1\rb = 2', '1:6', /: U\+000D, a carriage return without a line feed, stands here; end each line with a line feed$/],
  ['a = \u201cx\u201d', '1:5', /: U\+201C, a curly quote, stands here; write " for a quote$/],
  ['a = "x\u201d\nb = 1', '1:7', /: U\+201D, a curly quote, stands here; write " for a quote$/],
  ["a = 'x\u2019 # y\nb = 1", '1:7', /: U\+2019, a curly quote, stands here/],
  ['a = ["x", "y\u201d]\nb = 1', '1:13', /: U\+201D, a curly quote, stands here/],
  ['a = "it\u2019s\nb = 1', '1:10', /no closing quote in this line/],
  ['us\u0435r = 1', '1:3', /: U\+0435, a Cyrillic letter, stands here; write the letter that it looks like$/],
  ['a \uff1d 1', '1:3', /: U\+FF1D, a full-width equals sign, stands here; write "="$/],
  ['a = "\\d\u00a0"', '1:7', /begins an escape/],
  ['a = ["b", "c]', '1:11', /: the text that begins here has no closing quote$/],
  ["a = ['b', 'c]\nb = 1", '1:11', /: the text that begins here has no closing quote$/],
  ['a = ["b", # "c"\n"d]\n[b]\n', '2:1', /the text that begins here has no closing quote$/],
  ['a = ["b, "c"]\nb = 1', '1:11', /a "," was expected before what comes next, and a quote seems to be lost in this line/],
  ['a b = 1', '1:3', /other names need quotes/],
  ['= 1', '1:1', /a name was expected/],
  ['a = 5.', '1:5', /not finished/],
  ['a = 9007199254740993', '1:5', /^the number is larger than any that is meant here; put quotes around a text of digits$/],
  ['a = 1979-13-01', '1:5', /begins like a date/],
  ['a = 5x', '1:6', /: what begins like a number is none; put quotes around a text$/],
  ['a = 1.2.3', '1:8', /: what begins like a number is none/],
  ['a = 1__0', '1:7', /: a "_" in a number stands alone between two digits/],
  ['a..b = 1', '1:3', /: a name was expected here: one stands before and behind each "\."$/],
  ['.a = 1', '1:1', /: a name was expected here: one stands before/],
  ['[a..b]', '1:4', /: a name was expected here: one stands before/],
  ["'''a''' = 1", '1:1', /: a name has no quotes around it, or one on each side$/],
  [
    'a = "C:\\users"',
    '1:10',
    /: \\u, \\U and \\x in "…" begin the number of a character, and this one is none; write \\\\ for a backslash, or '…'/,
  ],
  ['a = "\\uD800"', '1:6', /begin the number of a character/],
  ['a = """\\ x"""', '1:8', /: a backslash before a blank ends its line; write \\\\ for a backslash, or '''…'''/],
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
      const { line, column, message } = parsed.problems[0];
      assert.equal(`${line}:${column}`, place);
      assert.match(message, said);
    });
  }

  it('is told as the parser does where nobody has other words', () => {
    assert.deepEqual(explainFault('a', { offset: 0, reason: 'something new' }), { offset: 0, message: 'not valid TOML: something new' });
  });
});
