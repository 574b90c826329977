import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { loadEngine } from './engine.ts';
import { findTaint } from './leaf-taint.ts';
import { lexTemplate } from './lexer.ts';
import { placeLeaves } from './placed-leaves.ts';
import { renderTemplate } from './render-template.ts';
import { parseToml } from './toml-document.ts';

const engine = await loadEngine();

/** Variables whose names begin with `s` come from a secret source. */
function taintOf(source: string, values: Readonly<Record<string, string>>) {
  // Some are called like words of the template language.
  const secrets = new Set(Object.keys(values).filter((name) => name.startsWith('s') || name === 'from' || name === 'call'));
  const lexed = lexTemplate(source);
  assert.ok(lexed.ok);
  const rendered = renderTemplate({ engine, template: lexed.template, variables: { values: new Map(Object.entries(values)), secrets } });
  assert.ok(rendered.ok, JSON.stringify(rendered));
  const parsed = parseToml(rendered.text);
  assert.ok(parsed.ok, rendered.text);
  const { leaves, problems } = findTaint({
    rendered,
    leaves: placeLeaves(rendered.text, parsed.root),
    isSecret: (name) => secrets.has(name),
  });
  return {
    leaves: Object.fromEntries(leaves.map(({ leaf, origin }) => [leaf.pointer.join('.'), origin])),
    problems: problems.map(({ offset }) => offset),
    exact: rendered.exact,
    text: rendered.text,
  };
}

describe('what depends on variables', () => {
  const fromVars: readonly (readonly [
    what: string,
    source: string,
    values: Readonly<Record<string, string>>,
    leaves: readonly string[],
  ])[] = [
    [
      'whole values and parts of them',
      '[env]\nDSN = "p://${u}:${p}@h"\nX = "x"\nP = "${p}"\n',
      { u: 'u', p: 'hunter2' },
      ['env.DSN', 'env.P'],
    ],
    [
      'numbers, booleans and dates',
      'a = ${n}\nb = 80${n}\nc = ${f}\nd = 2026-01-${n}\ne = 1\n',
      { n: '11', f: 'true' },
      ['a', 'b', 'c', 'd'],
    ],
    ['items of a list that a value brings in', 'a = ${l}\nb = ["a"]\n', { l: '["serve", "--fast"]' }, ['a.0', 'a.1']],
    ['empty values', 'a = "${e}"\nb = "x${e}"\nc = 80${e}\nd = ""\n', { e: '' }, ['a', 'b', 'c']],
    ['values in strings of every kind', 'a = \'${v}\'\nb = """\n${v}\n"""\nc = "\\u00${h}"\n', { v: 'n', h: '41' }, ['a', 'b', 'c']],
    ['nothing in a comment', '# ${v}\na = 1 # ${v}\n', { v: 'x' }, []],
    ['keys that a value brings in', 'image = "${v}"\n', { v: 'x"\nmemory = "1g' }, ['image', 'memory']],
    ['nothing where a variable names a key', '[env]\n"${v}" = "x"\n', { v: 'A' }, []],
    ['no text that a variable only chose', '{% if v == "prod" %}[env]\nA = "x"\nB = "${v}"\n{% endif %}', { v: 'prod' }, ['env.B']],
    [
      'what a filter made',
      'a = "${ v | upper }"\nb = "${ v[:2] }"\nc = "${ (v|list)|join("-") }"\nd = "${ "x" | upper }"',
      { v: 'abc' },
      ['a', 'b', 'c'],
    ],
    ['what is assigned', '{% set a = v %}{% set b = a ~ "x" %}a = "${b}"\nc = "${ "lit" }"', { v: 'abc' }, ['a']],
    [
      'what is assigned because of it',
      '{% if v == "p" %}{% set t = "1" %}{% else %}{% set t = "2" %}{% endif %}a = "${t}"',
      { v: 'p' },
      ['a'],
    ],
    ['what a block assigns', '{% set b %}x-${v}{% endset %}a = "${b}"\nc = "d"', { v: 'abc' }, ['a']],
    ['what a macro prints', '{% macro m(p) %}x-${p}{% endmacro %}a = "${ m(v) }"\nb = "${ m("y") }"', { v: 'abc' }, ['a', 'b']],
    ['what a loop makes of its letters', 'a = "{% for c in v %}${c}.{% endfor %}"', { v: 'abc' }, ['a']],
    [
      'what goes through a namespace under another name',
      '{% set n = namespace(k="") %}{% set m = n %}{% set m.k = v %}a = "${ n.k }"',
      { v: 'abc' },
      ['a'],
    ],
    ['what is counted', '{% set n = namespace(k=0) %}{% for c in v %}{% set n.k = n.k + 1 %}{% endfor %}a = ${ n.k }', { v: 'abc' }, ['a']],
    [
      'what a call block prints',
      '{% macro m() %}[${ caller() }]{% endmacro %}a = "{% call m() %}${v}{% endcall %}"\nb = "c"',
      { v: 'abc' },
      ['a'],
    ],
    ['what a block gives once more', 'a = "{% block x %}${v}{% endblock %}"\nb = "${ self.x() | reverse }"', { v: 'abc' }, ['a', 'b']],
    ['what a filter makes of a block', 'a = "{% filter upper %}x${v}{% endfilter %}"\nb = "c"', { v: 'abc' }, ['a']],
    [
      'what a condition spells',
      'a = "{% for c in "xyzabc" %}{% if c in v %}${c}{% endif %}{% endfor %}"\nb = "{% if v %}x{% endif %}"',
      { v: 'abc' },
      ['a'],
    ],
    ['a dump of everything', "a = '''${ debug()|string|length }'''", { v: 'abc' }, ['a']],
  ];
  for (const [what, source, values, leaves] of fromVars) {
    it(`is ${what}`, () => {
      const found = taintOf(source, values);
      assert.deepEqual([Object.keys(found.leaves), found.problems], [leaves, []]);
      assert.ok(Object.values(found.leaves).every((origin) => origin === 'vars'));
    });
  }

  it('is everything when what was printed cannot be followed', () => {
    const { leaves, exact } = taintOf('a = "${ v|string }"\nb = 2', { v: 'a mark\u{f0000}' });
    assert.deepEqual([exact, Object.keys(leaves)], [false, ['a', 'b']]);
  });
});

describe('what depends on secret sources', () => {
  it('is told apart, also where both meet', () => {
    const { leaves, problems } = taintOf('a = "${s}"\nb = "${v}"\nc = "${v}${s}"\nd = "${ v if s == "x" else "y" }"\n', {
      s: 'x1',
      v: 'y1',
    });
    assert.deepEqual(leaves, { a: 'secret-source', b: 'vars', c: 'secret-source', d: 'secret-source' });
    assert.deepEqual(problems, []);
  });

  it('is text that a secret chose, inside of a value', () => {
    const { leaves, problems } = taintOf('a = "x{% if s == "1" %}y{% else %}z{% endif %}"\nb = "{% if s == "1" %}y{% endif %}"\nc = "d"', {
      s: '2',
    });
    assert.deepEqual([leaves, problems], [{ a: 'secret-source', b: 'secret-source' }, []]);
  });

  it('may stand in a comment', () => {
    assert.deepEqual(taintOf('# ${s}\na = 1 # x ${s} {% if s %}y{% endif %}\n', { s: 'x' }), {
      leaves: {},
      problems: [],
      exact: true,
      text: '# x\na = 1 # x x y',
    });
  });

  for (const [what, source, values, offset] of [
    ['a key', '"${s}" = 1', { s: 'x' }, 1],
    ['a table', '[${s}]\na = 1', { s: 'x' }, 1],
    ['a list', 'a = ${s}', { s: '["x", "y"]' }, 4],
    ['more lines', 'a = "${s}"', { s: 'x"\nb = "y' }, 5],
    ['more lines out of a comment', '# ${s}', { s: 'x\nb = 1' }, 2],
    ['whether there is a line', 'a = 1\n{% if s == "x" %}b = 2{% endif %}', { s: 'x' }, 6],
    ['whether there is a line, when there is none', 'a = 1\n{% if s == "x" %}b = 2{% endif %}\n', { s: 'y' }, 6],
    ['how many lines there are', '{% for c in s %}a${loop.index} = 1\n{% endfor %}', { s: 'xy' }, 0],
    ['a line by way of a name', '{% set t = s ~ "1" %}{% if t == "x1" %}a = 1{% endif %}', { s: 'x' }, 21],
    ['what nobody can follow', 'a = "${ s|string }"', { s: 'a mark\u{f0000}' }, 5],
  ] as const) {
    it(`is refused where it decides ${what}`, () => assert.ok(taintOf(source, values).problems.includes(offset)));
  }

  it('never stands in a value that is not told, whatever a template does with it', () => {
    const canary = 'ZQXJKVWYPMGT';
    const piece = fc.constantFrom(
      '${s}',
      '${v}',
      'lit',
      '${ s[:5] }',
      '${ s[3:] | lower }',
      '${ s | reverse }',
      '${ [v, s] | join("-") }',
      '${ (s | list) | join }',
      '{% for c in s %}${c}{% endfor %}',
      '{% if s[0] == "Z" %}${ s[1:6] }{% else %}${v}{% endif %}',
      '{% set t = s %}${t}',
      '{% set (t, u) = [v, s] %}${u}',
      '{% with (t, u) = [v, s] %}${u}{% endwith %}',
      '${from}',
      '{% set t = call ~ "" %}${t}',
      '{% set n = namespace(k="") %}{% for c in s %}{% set n.k = c ~ n.k %}{% endfor %}${ n.k }',
      '{% macro m(p) %}<${p}>{% endmacro %}${ m(s) }',
      '{% set b %}<${s}>{% endset %}${ b | reverse }${ b }',
      '{% filter reverse %}${v}${s}{% endfilter %}',
      '{% filter upper %}${v}{% filter lower %}${s}{% endfilter %}{% endfilter %}',
      '{% set b %}${v}{% set d %}${s}{% endset %}${ d | reverse }{% endset %}${ b | reverse }',
      '{% with w = s ~ v %}${ w[2:] }{% endwith %}',
      '{% for c in "ZQXJKVWYPMGT" %}{% if c in s %}${c}{% endif %}{% endfor %}',
      '${ "ZQXJKVWYPMGT" if s else "" }',
      '{% macro q(p) %}${ caller(p) | reverse }{% endmacro %}{% call(r) q(s) %}${r}.{% endcall %}',
      '{% for i in ["a"] recursive %}${i}{% if i != s %}${ loop([s]) | reverse }{% endif %}{% endfor %}',
    );
    const line = fc.record({ pieces: fc.array(piece, { maxLength: 3 }), quote: fc.constantFrom('"', "'", '"""') });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '# ${s}\n', '{% set t = "x" %}'), (lines, head) => {
        const source = head + lines.map(({ pieces, quote }, index) => `k${index} = ${quote}${pieces.join('')}${quote}\n`).join('');
        const { leaves, text, problems, exact } = taintOf(source, { s: canary, v: 'plain', from: canary, call: canary });
        if (!exact) return assert.ok(problems.length > 0);
        const parsed = parseToml(text);
        assert.ok(parsed.ok);
        for (const [key, value] of Object.entries(parsed.root ?? {})) {
          if (piecesOf(canary).some((part) => String(value).toUpperCase().includes(part)))
            assert.equal(leaves[key], 'secret-source', source);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Every piece of four characters, forwards and backwards. */
function piecesOf(secret: string): string[] {
  const backwards = [...secret].toReversed().join('');
  return [secret, backwards].flatMap((text) => Array.from({ length: text.length - 3 }, (_, index) => text.slice(index, index + 4)));
}
