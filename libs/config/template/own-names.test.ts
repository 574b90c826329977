import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lexTemplate } from './lexer.ts';
import { definedOutside, ownNames } from './own-names.ts';

function templateOf(text: string) {
  const lexed = lexTemplate(text);
  assert.ok(lexed.ok);
  return lexed.template;
}

describe('names that a template gives values to', () => {
  for (const [text, names] of [
    ['{% set a = b %}${a}', ['a']],
    ['{% for k, v in c %}${k}{% endfor %}', ['k', 'v']],
    ['{% macro m(p, q) %}${p}{% endmacro %}', ['m', 'p', 'q']],
    ['${a}', []],
  ] as const) {
    it(`are known in ${text}`, () => assert.deepEqual(ownNames(templateOf(text)), names));
  }

  it('have no place outside of it', () => {
    const definedAt = new Map(['a', 'b'].map((name) => [name, () => `dispenser.vars:${name}`]));
    assert.deepEqual([...definedOutside(templateOf('{% set a = 1 %}'), definedAt).keys()], ['b']);
    assert.deepEqual([...definedOutside(templateOf('${a}'), definedAt).keys()], ['a', 'b']);
    assert.equal(definedOutside(templateOf('${a}')).size, 0);
  });

  for (const [text, known] of [
    ['{% for a in [1] %}{% endfor %}${a}', true],
    ['{% for a in [1] %}x{% if a %}y{% endif %}{% endfor %}${a}', true],
    ['{% macro m(a) %}x{% endmacro %}${a}', true],
    ['{% with a = 1 %}x{% endwith %}${a}', true],
    ['{% for a in [1] %}${a}{% endfor %}', false],
    ['{% for a in [1] %}{% for a in [2] %}{% endfor %}${a}{% endfor %}', false],
    ['{% for b in [1] %}{% if b %}${a | upper}{% endif %}{% endfor %}', true],
    ['{% macro m(a) %}${a}{% endmacro %}', false],
    ['{% macro a() %}x{% endmacro %}${a}', false],
    ['{% for b in [1] %}{% set a = b %}{% endfor %}${a}', false],
    ['{% for a in [1] %}${a}', false],
  ] as const) {
    it(`${known ? 'have' : 'lose'} the place of the variable a in ${text}`, () => {
      const definedAt = new Map([['a', () => 'dispenser.vars:1']]);
      assert.equal(definedOutside(templateOf(text), definedAt).has('a'), known);
    });
  }
});
