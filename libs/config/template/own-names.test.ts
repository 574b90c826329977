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
});
