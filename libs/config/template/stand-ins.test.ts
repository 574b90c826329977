import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';
import { lexTemplate } from './lexer.ts';
import { renderWithStandIns } from './stand-ins.ts';

const engine = await loadEngine();
const values = new Map([
  ['k', 'not-checked'],
  ['v', 'plain'],
]);

function rendered(source: string) {
  const lexed = lexTemplate(source);
  assert.ok(lexed.ok);
  const variables = { values, secrets: new Set(['k']), unresolved: new Map([['k', 'somewhere']]) };
  const { result } = renderWithStandIns({ engine, template: lexed.template, variables });
  return result.ok ? result.text : result.problems.map(({ offset, message }) => `${offset}: ${message}`);
}

describe('a template with a value that nobody asked for', () => {
  for (const [what, source, text] of [
    ['says something harmless', 'a = "${k}"', 'a = "not-checked"'],
    ['may ask for a part of it', 'a = "${ (k|split(":"))[1] }"\nb = "${v}"', 'a = "not-checked"\nb = "plain"'],
    ['may ask for a part of what is made of it', '{% set p = k|split(":") %}a = "${ p[1] }"', 'a = "not-checked"'],
    ['may want a number', 'a = "${ k|int }"', 'a = "not-checked"'],
    ['may want a number without quotes', 'a = ${k}\nb = ${ k|int }\nc = "${v}"', 'a = 1\nb = 1\nc = "plain"'],
    ['may calculate with it', '{% set n = k|int %}a = ${ n }', 'a = 1'],
    [
      'may name its parts',
      '{% set (u, p) = k|split(":") %}a = "${u}"\nb = "${p}"\nc = "${v}"',
      'a = "not-checked"\nb = "not-checked"\nc = "plain"',
    ],
    ['may keep a number in a namespace', '{% set n = namespace() %}{% set n.p = k|int %}a = "${n.p}"', 'a = "not-checked"'],
    ['may ask what it is', '{% if k|int > 5 %}a = 1{% else %}a = 2{% endif %}', 'a = 1'],
    ['may look it up', 'a = "${ {"prod": "x"}[k] }"', 'a = "not-checked"'],
    ['may count up to it', '{% for i in range(k|int) %}a${i} = 1\n{% endfor %}b = 2', 'b = 2'],
    [
      'may give it to a macro',
      '{% macro m(p) %}${ (p|split(":"))[1] }{% endmacro %}a = "${ m(k) }"\nb = "${v}"',
      'a = "not-checked"\nb = "plain"',
    ],
  ] as const) {
    it(what, () => assert.equal(rendered(source), text));
  }

  it('may do so at many places', () => {
    const lines = (value: string) => Array.from({ length: 100 }, (_, index) => `a${index} = "${value}"`).join('\n');
    assert.equal(rendered(lines('${ (k|split(":"))[1] }')), lines('not-checked'));
  });

  for (const [what, source, problem] of [
    ['a filter that does not exist', 'a = "${ k|split(":")|uper }"', /^21: there is no filter called "uper"$/],
    ['a name that nobody defines', 'a = "${ (k|split(":"))[1] }${w}"', /^\d+: variable "w" is not defined/],
    ['a failure that it has no part in', 'a = "${ k|int }"\nb = "${ v|int }"', /^22: invalid operation/],
    ['what cannot be left out', '{% macro m(u) %}${u}{% endmacro %}a = "{% call m(k|int) %}{% endcall %}"', /^39: invalid operation/],
    ['no valid template', 'a = "${ k k }"', /^5: cannot be understood/],
  ] as const) {
    it(`still is told for ${what}`, () => assert.match(String(rendered(source)), problem));
  }

  it('is told where the rest is no TOML', () => assert.equal(rendered('a = ${k}\nb = = 2'), 'a = 1\nb = = 2'));
});
