import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadEngine } from './engine.ts';
import { findTaint } from './leaf-taint.ts';
import { lexTemplate } from './lexer.ts';
import { placeLeaves } from './placed-leaves.ts';
import { renderTemplate } from './render-template.ts';
import { leavesOf, parseToml } from './toml-document.ts';
import { traceTaint } from './trace-taint.ts';

const engine = await loadEngine();

/** Variables of whom these are come from a secret source; some are called like words of the template language. */
const secretNames = ['s', 'from', 'if'];

function traced(source: string, values: Readonly<Record<string, string>>) {
  const lexed = lexTemplate(source);
  assert.ok(lexed.ok);
  const secrets = new Set(secretNames.filter((name) => Object.hasOwn(values, name)));
  const variables = { values: new Map(Object.entries(values)), secrets };
  const rendered = renderTemplate({ engine, template: lexed.template, variables });
  const parsed = rendered.ok ? parseToml(rendered.text) : rendered;
  if (!rendered.ok || !parsed.ok) return null;
  const { leaves, problems } = traceTaint({ engine, template: lexed.template, rendered, root: parsed.root, variables });
  const followed = findTaint({ rendered, leaves: placeLeaves(rendered.text, parsed.root), isSecret: (name) => secrets.has(name) });
  return {
    values: new Map(leavesOf(parsed.root).map(({ pointer, value }) => [pointer.join('.'), value])),
    origins: Object.fromEntries(leaves.map(({ leaf, origin }) => [leaf.pointer.join('.'), origin])),
    followed: followed.leaves.map(({ leaf }) => leaf.pointer.join('.')),
    problems: problems.map(({ message }) => message),
  };
}

describe('what depends on variables', () => {
  it('is what a variable filled, and not what it only chose out of the file', () => {
    const source = '{% if v == "prod" %}a = "warn"\n{% else %}a = "debug"\n{% endif %}b = "${v}"\nc = "${ "x"|upper }"';
    assert.deepEqual(traced(source, { v: 'prod' })?.origins, { b: 'vars' });
  });

  it('is everything that was not written out, when other values say nothing', () => {
    const source = '{% set image = {"prod": "x:1"}[v] %}a = "lit"\nb = "${ "x"|upper }"\nc = "${image}"';
    assert.deepEqual(traced(source, { v: 'prod' })?.origins, { b: 'vars', c: 'vars' });
    assert.deepEqual(traced(source.replace('[v]', '[s]'), { s: 'prod' })?.origins, { b: 'secret-source', c: 'secret-source' });
  });

  it('is nothing in a file without variables', () => {
    assert.deepEqual(traced('a = "${ "x"|upper }"', { v: 'x' })?.origins, {});
  });

  const expression = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('s', 'v', 'from', 'x', 'y', '"lit"', 'call', 'if', 'n.k'),
      tie('expression').map((inner) => `(${inner}|upper)`),
      tie('expression').map((inner) => `(${inner}|split(":"))[0]`),
      tie('expression').map((inner) => `(${inner}|split(":")|reverse|join("-"))`),
      tie('expression').map((inner) => `${inner}[:3]`),
      tie('expression').map((inner) => `(${inner}|string|length)`),
      tie('expression').map((inner) => `m(${inner})`),
      fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left} ~ ${right})`),
      fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `(${left} if ${right} == s else "lit")`),
      fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `[${left}, ${right}]|join(":")`),
      fc.tuple(tie('expression'), tie('expression')).map(([left, right]) => `{"k": ${left}, "l": ${right}}.k`),
    ),
  })).expression;
  const statement = fc.oneof(
    expression.map((value) => `{% set x = ${value} %}`),
    fc.tuple(expression, expression).map(([left, right]) => `{% set (x, y) = (${left}, ${right}) %}`),
    expression.map((value) => `{% set (x, y) = (${value} ~ ":b")|split(":", 1) %}`),
    expression.map((value) => `{% set y %}[\${ ${value} }]{% endset %}`),
    expression.map((value) => `{% set n.k = ${value} %}`),
    fc.tuple(expression, expression).map(([left, right]) => `{% if ${left} == "joe" %}{% set x = ${right} %}{% endif %}`),
    expression.map((value) => `{% for c in ${value}|string %}{% set n.k = c %}{% endfor %}`),
  );
  const piece = fc.oneof(
    { withCrossShrink: true },
    expression.map((value) => `\${ ${value} }`),
    fc.constantFrom('lit', ':'),
    fc.tuple(expression, expression).map(([left, right]) => `{% if ${left} == "joe" %}lit{% else %}\${ ${right} }{% endif %}`),
    fc.tuple(expression, expression).map(([left, right]) => `{% with (p, q) = (${left}, ${right}) %}\${ q }{% endwith %}`),
    expression.map((value) => `{% for c in ${value}|string %}\${c}.{% endfor %}`),
    expression.map((value) => `{% filter upper %}a\${ ${value} }{% endfilter %}`),
    fc.tuple(expression, expression).map(([left, right]) => `{% call(z) w(${left}) %}\${z}\${ ${right} }{% endcall %}`),
  );
  const head =
    '{% set n = namespace(k="lit") %}{% set x = "lit" %}{% set y = "lit" %}{% macro m(p) %}<${p}>{% endmacro %}{% macro w(p) %}${ caller(p) }{% endmacro %}\n';
  const template = fc
    .record({
      statements: fc.array(statement, { maxLength: 3 }),
      lines: fc.array(fc.array(piece, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
    })
    .map(
      ({ statements, lines }) =>
        `${head}${statements.join('')}${lines.map((pieces, index) => `k${index} = '''${pieces.join('')}'''\n`).join('')}`,
    );
  const values = { s: 'joe:hunter2', from: 'ann:geheim', if: 'tom:secreto', v: 'max:plain', call: 'jim:quiet' };
  const others = { s: 'mae:other', from: 'joe:more', if: '', v: 'joe', call: 'x:y:z' };

  it('is never missed: what is another with another secret is told, and what is followed stays told', () => {
    let compared = 0;
    fc.assert(
      fc.property(template, fc.subarray(Object.keys(values), { minLength: 1 }), (source, changed) => {
        const before = traced(source, values);
        const after = traced(source, {
          ...values,
          ...Object.fromEntries(Object.entries(others).filter(([name]) => changed.includes(name))),
        });
        if (!before || !after || before.problems.length > 0) return;
        assert.ok(before.followed.every((each) => Object.hasOwn(before.origins, each)));
        for (const [pointer, value] of before.values) {
          if (after.values.get(pointer) === value) continue;
          compared += 1;
          // Which text of the file itself a vars file chose is no secret.
          if (changed.some((name) => secretNames.includes(name)) || /[^lit:]/.test(String(value)))
            assert.ok(before.origins[pointer], `${source}\n${pointer}`);
          if (changed.every((name) => secretNames.includes(name))) assert.equal(before.origins[pointer], 'secret-source', source);
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(compared > 100, `${compared} values were compared`);
  });
});
