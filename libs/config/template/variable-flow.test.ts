import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findBlocks } from './block-tree.ts';
import { lexTemplate } from './lexer.ts';
import { followVariables } from './variable-flow.ts';

/** What the last expression of a template depends on. */
function last(source: string) {
  const lexed = lexTemplate(source);
  assert.ok(lexed.ok);
  const flow = followVariables({ template: lexed.template, tree: findBlocks(lexed.template), variables: ['v', 'w', 's'] });
  const index = lexed.template.segments.findLastIndex(({ kind }) => kind === 'expression');
  const { printed, decided } = flow.segments[index] ?? { printed: new Set(), decided: new Set() };
  return [[...printed].toSorted(), [...decided].toSorted()];
}

describe('followVariables', () => {
  for (const [source, printed, decided] of [
    ['${ v }', ['v'], []],
    ['${ "v" ~ x.v|w }', [], []],
    ['{% set a = v %}{% set b = a %}${ b }', ['v'], []],
    ['${ b }{% set a = v %}{% set b = a %}${ b }', ['v'], []],
    ['{% set a = v %}{% set a = "x" %}${ a }', ['v'], []],
    ['{% if v %}${ w }{% endif %}', ['w'], ['v']],
    ['{% if v %}{% elif s %}${ w }{% endif %}', ['w'], ['s', 'v']],
    ['{% if v %}{% set a = "x" %}{% endif %}${ a }', ['v'], []],
    ['{% for a in v %}${ w }{% endfor %}', ['w'], ['v']],
    ['{% for a in v %}${ loop.index }{% endfor %}', ['v'], ['v']],
    ['{% with a = v %}${ w }{% endwith %}', ['w'], []],
    ['{% with a = v %}${ a }{% endwith %}', ['v'], []],
    ['{% set a %}x${ v }{% endset %}${ a }', ['v'], []],
    ['{% macro m(p) %}{% set n.k = p %}{% endmacro %}{% set n = namespace() %}${ m(v) }${ n.k }', ['v'], []],
    ['{% macro m(p) %}${ w }{% endmacro %}{% set f = m %}{% if s %}${ f(v) }{% endif %}', ['v', 'w'], ['s']],
    ['{% set n = namespace() %}{% set o = n %}{% set o.k = v %}${ n.k }', ['v'], []],
    ['{% macro m() %}${ caller(v) }{% endmacro %}{% call(a) m() %}${ a }{% endcall %}', ['v'], ['v']],
    ['{% for a in [1] recursive %}{% if a %}${ loop(v) }{% endif %}${ a }{% endfor %}', ['v'], []],
    ['${ debug() }', ['s', 'v', 'w'], []],
    ['{% block b %}${ v }{% endblock %}${ self.b() }', ['v'], []],
  ] as const) {
    it(`finds what the end of ${source} is made of`, () => {
      const [found, deciding] = last(source);
      for (const name of printed) assert.ok(found?.includes(name), `${name} of ${found}`);
      for (const name of decided) assert.ok(deciding?.includes(name), `${name} of ${deciding}`);
      if (!source.includes('macro') && !source.includes('recursive')) assert.deepEqual([found, deciding], [printed, decided]);
    });
  }

  it('finds it through any number of macros', () => {
    const chain = (length: number) =>
      `${Array.from({ length }, (_, index) => `{% macro m${index + 1}(p${index}) %}\${ ${index === 0 ? 'p0' : `m${index}(p${index})`} }{% endmacro %}`).join('')}\${ m${length}(v) }`;
    for (const length of [1, 5, 32, 33, 500]) assert.deepEqual(last(chain(length)), [['v'], []]);
  });
});
