import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'smol-toml';
import { correct, cureOf } from './value-cure.ts';

/** What is told of a value in the place of `HERE`. */
function cure(text: string, { value, name = 'x', takesText = true }: { value: string; name?: string; takesText?: boolean }): string {
  const from = text.indexOf('HERE');
  return cureOf({ text, from, to: from + 4, substitution: { name, value }, takesText: () => takesText });
}

describe('the cure for a value that does not stand as it is', () => {
  for (const [text, value, said] of [
    ['a = "HERE"', 'say "hi"', "write '${x}' here"],
    ['a = "HERE"', `it's "it"`, "write '''${x}''' here"],
    ['a = "HERE"', `'''"`, 'write ${ x | tojson } here, without quotes around it'],
    ['a = "b-HERE-c"', 'say "hi"', "write '${x}' here"],
    ['a = "b-HERE"', `'''"`, correct],
    ['a = HERE', 'one two', 'write "${x}" here'],
    ['a = 1HERE', 'one', correct],
    ['[HERE]', 'a b', correct],
  ] as const) {
    it(`is for ${JSON.stringify(value)} in ${text}: ${said}`, () => assert.equal(cure(text, { value }), said));
  }

  it('proposes no text where a key takes none', () => assert.equal(cure('a = HERE', { value: 'one two', takesText: false }), correct));

  it('puts an expression in brackets', () => {
    assert.equal(cure('a = "HERE"', { value: `'''"`, name: 'x ~ y' }), 'write ${ (x ~ y) | tojson } here, without quotes around it');
  });

  it('takes quotes away from around what has its own', () => {
    const said = 'write ${ x | tojson } here, without quotes around it';
    assert.equal(cure('a = "HERE"', { value: '"say"', name: 'x | tojson' }), said);
    assert.notEqual(cure('a = "b-HERE"', { value: '"say"', name: 'x | tojson' }), said);
  });

  it('proposes quotes in which the value is read as it is', () => {
    for (const value of ['a"b', 'a\\b', 'a\nb', "'a"]) {
      const [, quote = ''] = /^write ('+|"+)\$\{x\}\1 here$/.exec(cure('a = "HERE"', { value })) ?? [];
      assert.equal(quote === '' ? value : parse(`a = ${quote}${value}${quote}`).a, value);
    }
  });
});
