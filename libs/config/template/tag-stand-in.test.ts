import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lexTemplate } from './lexer.ts';
import { standIns, withStandIn } from './tag-stand-in.ts';

describe('what a tag says in the place of what nobody knows', () => {
  function standIn(source: string): string | undefined {
    const lexed = lexTemplate(source);
    assert.ok(lexed.ok);
    const [segment] = lexed.template.segments;
    assert.ok(segment);
    const instead = withStandIn(segment, { template: lexed.template, standIn: standIns[0] });
    return instead.kind === 'text' ? undefined : instead.standIn;
  }

  for (const [source, said] of [
    ['${ k|split(":")|last }', '"not-checked"'],
    ['{% set a = k|int %}', 'set a = "not-checked"'],
    ['{% set a, b = k|split(":") %}', 'set a, b = ["not-checked", "not-checked"]'],
    ['{% set ns.a = k|int %}', 'set ns.a = "not-checked"'],
    ['{% if k|int > 5 %}{% endif %}', 'if true'],
    ['{% for a, b in k|items %}{% endfor %}', 'for a, b in []'],
    ['{% filter replace(k|int, "") %}{% endfilter %}', 'filter trim'],
    ['{% with a = k|int %}{% endwith %}', 'with _ = ""'],
    ['{% do ns.add(k|int) %}', 'set _ = ""'],
    ['{% macro m(a=k|int) %}{% endmacro %}', undefined],
    ['{% call m(k|int) %}{% endcall %}', undefined],
    ['only text', undefined],
  ] as const) {
    it(`is ${said ?? 'nothing'} for ${source}`, () => assert.equal(standIn(source), said));
  }
});
