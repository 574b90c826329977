import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadEngine } from './engine.ts';
import { lexTemplate } from './lexer.ts';
import { renderText } from './render-template.ts';
import { leavesOf, parseToml } from './toml-document.ts';
import { tryOtherValues } from './trial.ts';

const engine = await loadEngine();

function tried(source: string, values: Readonly<Record<string, string>>, replaced = Object.keys(values)) {
  const lexed = lexTemplate(source);
  assert.ok(lexed.ok);
  const given = new Map(Object.entries(values));
  const parsed = parseToml(renderText({ engine, template: lexed.template, values: given }) ?? '= fails');
  assert.ok(parsed.ok);
  const leaves = leavesOf(parsed.root);
  const difference = tryOtherValues({ engine, template: lexed.template, leaves, values: given, replaced: new Set(replaced) });
  return difference && { differ: [...difference.leaves].map(({ pointer }) => pointer.join('.')), sameShape: difference.sameShape };
}

describe('other values', () => {
  for (const [what, source, differ] of [
    ['a value as it is', 'a = "${s}"\nb = "x"', ['a']],
    ['one that is split', '{% set (u, p) = s|split(":") %}a = "${p}"\nb = "x"', ['a']],
    ['one that is joined and filtered', 'a = "${ [s, "x"]|join("-")|upper }"\nb = "${ "x"|upper }"', ['a']],
    ['one by way of a macro', '{% macro m(p) %}${p}${ p[0] }{% endmacro %}a = "${ m(s) }"\nb = "${ m("x") }"', ['a']],
    ['one by way of a loop', '{% for c in s|split(":") %}a${loop.index} = "${c}"\n{% endfor %}b = "x"', ['a1', 'a2']],
    ['one without quotes', 'a = ${n}\nb = ${ n|int + 1 }\nc = 7', ['a', 'b']],
    ['a text that a condition chose', 'a = "{% if n == "80" %}x{% else %}y{% endif %}"', ['a']],
  ] as const) {
    it(`tell ${what}`, () => assert.deepEqual(tried(source, { s: 'joe:hunter2', n: '80' }), { differ, sameShape: true }));
  }

  it('are given only to those that are named', () => {
    assert.deepEqual(tried('a = "${s}"\nb = "${v}"', { s: 'x', v: 'y' }, ['s'])?.differ, ['a']);
  });

  it('may lead to another shape, where what is gone differs', () => {
    assert.deepEqual(tried('{% if s == "x" %}a = "1"\n{% endif %}b = "2"', { s: 'x' }), { differ: ['a'], sameShape: false });
    assert.deepEqual(tried('{% if s != "x" %}a = "1"\n{% endif %}b = "2"', { s: 'x' }), { differ: [], sameShape: false });
  });

  it('say nothing when the template fails with them, or makes no TOML', () => {
    assert.equal(tried('a = "${ {"prod": "x"}[s] }"', { s: 'prod' }), null);
    assert.equal(tried('a = 2026-09-${s}', { s: '30' }), null);
  });
});
