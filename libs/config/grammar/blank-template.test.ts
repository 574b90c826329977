import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blankTemplate } from './blank-template.ts';

const seen = (source: string) => blankTemplate(source).map(({ text }) => text.trim().replaceAll(/\s+/g, ' '));

describe('a template without its statements', () => {
  for (const [source, ...texts] of [
    ['a {# b #} c', 'a c'],
    ['a {% if x %} b {% endif %} c', 'a b c'],
    ['a {% if x %} b {% elif y %} c {% else %} d {% endif %} e', 'a b c d e', 'a b e'],
    ['{% for i in a %}{% if x %}b{% else %}c{% endif %}{% endfor %}', 'b c', 'b'],
    ['{% set x = 1 %}a{% set y %}b{% endset %}c', 'a c'],
    ['{% macro m(a) %}b{% endmacro %}c', 'c'],
    ['{% raw %}{% if %}{% endraw %}a', 'a'],
  ] as const) {
    it(`of ${source}`, () => assert.deepEqual(seen(source), texts));
  }

  for (const source of [
    '{% set x = "a" }\n{% if x %}b{% endif %}',
    '{% if x %}',
    '{% endif %}',
    '{% for x in y %}{% endif %}',
    '{% fi x %}',
    '{# a',
    '{# a\n{# b #}',
    '{ if x %}',
  ]) {
    it(`is none where a statement is not understood: ${source}`, () => assert.deepEqual(blankTemplate(source), []));
  }

  it('tells what statements decide', () => {
    const source = 'a {% if x %} b {% endif %} c';
    assert.deepEqual(blankTemplate(source)[0]?.blocks, [{ from: 2, to: 26 }]);
  });

  it('is as long as it was, with everything else where it was', () => {
    const piece = fc.constantFrom(
      '{% if x %}',
      '{% else %}',
      '{% endif %}',
      '{% raw %}',
      '{% endraw %}',
      '{# ',
      ' #}',
      '{% set a %}',
      '{% endset %}',
      'b',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const source = pieces.join('');
        for (const { text } of blankTemplate(source)) {
          assert.equal(text.length, source.length);
          for (const [index, character] of [...text].entries()) if (character !== ' ') assert.equal(character, source[index]);
        }
      }),
    );
  });
});
