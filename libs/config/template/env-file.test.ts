import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseEnvFile } from './env-file.ts';

describe('parseEnvFile', () => {
  const cases: readonly (readonly [text: string, variables: Readonly<Record<string, string>>])[] = [
    ['A=1\nB = 2 \n', { A: '1', B: '2' }],
    ['export A=1\nA_b.c-d=x=y', { A: '1', 'A_b.c-d': 'x=y' }],
    ['# note\n\n  # note\nA=1 # note\nB=x#y\nC=# note\nD=', { A: '1', B: 'x#y', C: '', D: '' }],
    ['A="x # y" # note\nB=\'x # y\'', { A: 'x # y', B: 'x # y' }],
    ['A="a\\nb\\t\\"c\\" \\\\ \\$x \\d"', { A: 'a\nb\t"c" \\ $x \\d' }],
    ["A='a\\nb'", { A: 'a\\nb' }],
    ['A="one\ntwo"\nB=\'one\ntwo\'\nC=3', { A: 'one\ntwo', B: 'one\ntwo', C: '3' }],
    ['A=$B ${C}\nB="$C"\nC=\'$D\'', { A: '$B ${C}', B: '$C', C: '$D' }],
    ['A=1\r\nB="x\r\ny"\r\n', { A: '1', B: 'x\ny' }],
    ['\uFEFFA=1\nA=2', { A: '2' }],
    ['A: 1', { A: '1' }],
    ["A=it's", { A: "it's" }],
    ['', {}],
  ];
  for (const [text, variables] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const file = parseEnvFile(text);
      assert.deepEqual([Object.fromEntries(file.variables), file.problems], [variables, []]);
    });
  }

  for (const [text, offset, message] of [
    ['A=1\nc4nary\nB=2', 4, /^line 2 .* has no "="; NAME alone takes no value from your shell here: write NAME=value$/],
    ['A=1\r\nc4nary\r\nB=2', 5, /^line 2 .* has no "="/],
    ['A="c4nary\nB=2', 0, /^line 1 .* never closed/],
    ["A='x' c4nary\nB=2", 0, /never closed, or something behind/],
    ['A=1\n"c4nary"=1\nB=2', 4, /^line 2 .* does not begin with a name/],
    ['1c4nary=1\nB=2', 0, /has a name with other characters/],
    ['=c4nary\nB=2', 0, /does not begin with a name/],
    ['A=1\nC D=c4nary\nB=2', 5, /^line 2 .* has a blank within the name before its "="; a name has none/],
    ['export C\tD : c4nary\nB=2', 8, /^line 1 .* has a blank within the name/],
    ['URL http://c4nary?a=1\nB=2', 0, /has no "="/],
    ['A\u00a0=c4nary\nB=2', 1, /^line 1 .* holds U\+00A0, a no-break space, before its "="; write a plain blank$/],
    ['A\u200b=c4nary\nB=2', 1, /holds U\+200B, a zero-width space, .*; take it out$/],
    ['\u201cA\u201d=c4nary\nB=2', 0, /holds U\+201C, a curly quote/],
    ['A=1\rc4nary\nB "c4nary\u200b=\nB=2', 11, /^line 2 .* has no "="/],
  ] as const) {
    it(`points at what is wrong in ${JSON.stringify(text)}, reads on, and quotes nothing`, () => {
      const { problems, variables } = parseEnvFile(text);
      assert.equal(problems[0]?.offset, offset);
      assert.match(problems[0].message, message);
      assert.ok(!JSON.stringify(problems).includes('c4nary'));
      if (!text.includes('A="')) assert.equal(variables.get('B'), '2');
    });
  }

  it('reads back every value that is written in single quotes', () => {
    const value = fc.string({ unit: 'grapheme' }).filter((text) => !/['\r\0]/.test(text));
    fc.assert(fc.property(value, (text) => assert.equal(parseEnvFile(`A='${text}'\n`).variables.get('A'), text)));
  });

  it('ends with every text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('A', '=', '"', "'", '\n', '\r', '#', ' ', '\\', '$') }),
        (text) => void parseEnvFile(text),
      ),
    );
  });
});
