import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { toSourceOffset } from '../grammar/source-place.ts';
import { loadEngine } from './engine.ts';
import { lexTemplate } from './lexer.ts';
import { renderTemplate } from './render-template.ts';

const engine = await loadEngine();
const context: Readonly<Record<string, string>> = { x: '1', e: '', flag: 'false', q: 'a"b', h: '<&>' };

function render(source: string, values = context) {
  const lexed = lexTemplate(source);
  if (!lexed.ok) return { ok: false, problems: lexed.problems } as const;
  return renderTemplate({ engine, template: lexed.template, variables: { values: new Map(Object.entries(values)), secrets: new Set() } });
}

function textOf(source: string, values = context): string | null {
  const result = render(source, values);
  return result.ok ? result.text : null;
}

describe('a template', () => {
  const vectors: readonly (readonly [source: string, text: string])[] = [
    ['${x}', '1'],
    ['${ x }', '1'],
    ["${m|default('d')}", 'd'],
    ['${ m is defined }', 'false'],
    ['{% if flag %}y{% endif %}', 'y'],
    ['{% if e %}y{% else %}n{% endif %}', 'n'],
    ['${q}', 'a"b'],
    ['${h}', '<&>'],
    ['a ${- x -} b', 'a1b'],
    ["${ x ~ '-' ~ x }", '1-1'],
    ['${ x|int + 1 }', '2'],
    ['line\n', 'line'],
    ['line\n\n', 'line\n'],
    ['{% for i in range(2) %}${i}{% endfor %}', '01'],
    ["${ {'a': 'b'}['a'] }", 'b'],
    ['$X $$ { } {{ x }} }} {{', '$X $$ { } {{ x }} }} {{'],
    ['{${x}} {{${x}', '{1} {{1'],
    ['{${ "{%" }#', '{{%#'],
    ['{% raw %}${x} {{ {# {% if %}{% endraw %}', '${x} {{ {# {% if %}'],
    ['${ "${" }', '${'],
    ['a{# ${x} #}b', 'ab'],
    ['{% set a %}b{% endset %}${a}', 'b'],
    ['{% macro m(a, b=2) %}${a}${b}{% endmacro %}${ m(1, b=3) }', '13'],
    ['{% filter upper %}a${h}{% endfilter %}', 'A<&>'],
    ['{% with a = x %}${a}{% endwith %}', '1'],
    ['{% set ns = namespace(n=0) %}{% for i in range(3) %}{% set ns.n = ns.n + i %}{% endfor %}${ns.n}', '3'],
    ['${ "y" if x == "1" else "n" }', 'y'],
    ["${ 'a' in q and not e }", 'true'],
    ['{% set s %}{{ {% endset %}[${ s }]', '[{{ ]'],
    ['a {%- if x %} b {%- endif -%} c', 'a bc'],
    ['a\n{%- set y = 1 -%}\nb', 'ab'],
    ["${ [1, 2]|join('-') }${ dict(a=1).a }", '1-21'],
    ['${ 1 + 2 * 3 }${ 2 > 1 }${ "a" in "abc" }', '7truetrue'],
    ['${ m is undefined }${ x is defined and x == "1" }', 'truetrue'],
    ['# for i in x\n## x', '# for i in x\n## x'],
    ["${ x|default('d') }${ e|default('d') }", '1'],
    ['{% autoescape true %}{ {{${"{"}{% endautoescape %}', '{ {{{'],
  ];
  for (const [source, text] of vectors) {
    it(`renders ${JSON.stringify(source)}`, () => assert.equal(textOf(source), text));
  }

  const refused: readonly (readonly [source: string, offset: number, message: RegExp])[] = [
    ['${x:-d}', 0, /cannot be understood: unexpected `:`, expected end of variable block; a default is written/],
    ['${x?err}', 0, /cannot be understood: unexpected character; a default is written/],
    ['${}', 0, /no expression stands in the braces/],
    ['a ${m}', 4, /variable "m" is not defined; add it to dispenser.vars/],
    ["${ m or 'd' }", 3, /variable "m" is not defined/],
    ['{% if m %}{% endif %}', 6, /variable "m" is not defined/],
    ['{% for i in m %}{% endfor %}', 12, /variable "m" is not defined/],
    ['${from}', 2, /variable "from" is not defined/],
    ['a\n${x.y}', 2, /what is asked for here is not defined/],
    ['${x-1}', 0, /tried to use - operator on unsupported types string and number/],
    ['{% for i in range(2) %}{% break %}{% endfor %}', 26, /no statement called "(?:break|continue)"$/],
    ['{% for i in range(2) %}{% continue %}{% endfor %}', 26, /no statement called "(?:break|continue)"$/],
    ['{% if m.y %}{% endif %}', 6, /variable "m" is not defined/],
    ["{% include 'a' %}", 0, /no other template can be included/],
    ["{% extends 'a' %}", 0, /no other template can be included/],
    ["{% import 'a' as b %}", 0, /no other template can be included/],
    ['${ x\u00a0| upper }', 4, /^cannot be understood: U\+00A0, a no-break space, stands here; write a plain blank$/],
    ['${ \u201cx\u201d }', 3, /U\+201C, a curly quote, stands here; write " for a quote$/],
    ['${ x | json }', 7, /no filter called "/],
    ['${ x | urlencode }', 7, /no filter called "/],
    ['${ x is odder }', 8, /no test called "odder"$/],
    ['${ env("HOME") }', 3, /no function called "env"$/],
    ['a\n{% if x %}b', 2, /this block is never closed; end it with \{% endif %\}/],
    ['{% endif %}', 0, /closes nothing: no \{% if … %\} is open before it$/],
    ['{% for i in range(1000000000) %}a{% endfor %}', 0, /range has too many elements/],
    ['{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}', 27, /loops for too long/],
    ['{% macro f() %}${ f() }{% endmacro %}${ f() }', 15, /recursion limit exceeded/],
    ['a\n${ x * 2000000000 }', 2, /needs more memory than a configuration may/],
    ['a\n${ x * 2000000 }', 2, /makes more than 1 million characters/],
    ['${ x.constructor }', 0, /not defined/],
    ['${ __proto__ }', 3, /not defined/],
    ['${ process }', 3, /not defined/],
  ];
  for (const [source, offset, message] of refused) {
    it(`refuses ${JSON.stringify(source)} at its place`, () => {
      const result = render(source);
      assert.ok(!result.ok);
      assert.match(result.problems[0]?.message ?? '', message);
      assert.equal(result.problems[0]?.offset, offset);
    });
  }

  it('tells every name that is not defined, and the nearest one that is', () => {
    const source = '${xx}\n{% if flg %}${ other }{% endif %}\n${ m is defined }${ y }';
    const result = render(source);
    assert.ok(!result.ok);
    assert.deepEqual(
      result.problems.map(({ offset, nearest }) => [source.slice(offset).match(/\w+/)?.[0], nearest]),
      [
        ['xx', undefined],
        ['flg', 'flag'],
        ['other', undefined],
        ['y', undefined],
      ],
    );
  });

  for (const source of ['${a-b}', '${ a-b | upper }', '{% if a-b == "x" %}{% endif %}', '${a.b}', '${ x }${a-b|uper}', '${a b}']) {
    it(`tells in ${source} that a name with other signs cannot be named`, () => {
      const result = render(source, { x: '1', 'a-b': 'c4nary', 'a.b': 'c4nary', 'a b': 'c4nary' });
      assert.ok(!result.ok);
      assert.match(result.problems[0]?.message ?? '', /the variable "a[-. ]b" cannot be named in a template/);
      assert.equal(result.problems[0]?.offset, source.search(/a[-. ]b/));
    });
  }

  it('is refused where values alone make too much text of it', () => {
    const result = render('a\n${x}${y}', { x: 'a'.repeat(600_000), y: 'b'.repeat(600_000) });
    assert.ok(!result.ok);
    assert.deepEqual([result.problems[0]?.offset, /more than 1 million/.test(result.problems[0]?.message ?? '')], [6, true]);
  });

  it('sees whatever name a variable has', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'range', 'loop', 'upper']) {
      const values = Object.fromEntries([[name, 'c']]);
      assert.deepEqual([textOf(`\${${name}}`, values), textOf(`\${${name}|upper}`, values)], ['c', 'C']);
    }
  });

  const space = fc.constantFrom('', ' ', '\n', ' \r\n\t', '\u00a0', '\ufeff');
  const sign = fc.constantFrom('', '-', '+');
  const word = fc.stringMatching(/^[a-z"=# ]{0,4}$/);
  const code = fc.constantFrom(
    'x',
    'e',
    ' q ',
    '"a}b"',
    "{'k': x}['k']",
    'x if x else m',
    '[x, e]|join("}")',
    'x ~ "{"',
    '-1',
    'm|default(x)',
  );
  const { template } = fc.letrec<{ template: string; node: string; tag: string }>((tie) => ({
    template: fc.array(tie('node'), { maxLength: 5 }).map((nodes) => nodes.join('')),
    tag: fc.record({ before: space, open: sign, code, close: sign, after: space }).map(
      // A sign of an expression may not touch a number.
      (each) => `${each.before}«${each.open} ${each.code} ${each.close}»${each.after}`,
    ),
    node: fc.oneof(
      { depthSize: 'small' },
      word,
      space,
      tie('tag'),
      fc.record({ a: sign, b: sign }).map(({ a, b }) => `{#${a} x ${b}#}`),
      fc.record({ a: sign, b: sign, text: word }).map(({ a, b, text }) => `{%${a} raw ${b}%} ${text} {%${b} endraw ${a}%}`),
      fc
        .record({ a: sign, b: sign, inner: tie('template') })
        .map(({ a, b, inner }) => `{%${a} if x ${b}%}${inner}{%${b} else ${a}%} ${inner}{%${a} endif ${b}%}`),
      fc
        .record({ a: sign, b: sign, inner: tie('template') })
        .map(({ a, b, inner }) => `{%${a} for i in range(2) ${b}%}${inner}{%${a} endfor ${b}%}`),
      fc.record({ a: sign, inner: tie('template') }).map(({ a, inner }) => `{%${a} set s ${a}%}${inner}{%${a} endset ${a}%}« s »`),
      fc.record({ a: sign, inner: tie('template') }).map(({ a, inner }) => `{%${a} filter upper ${a}%}${inner}{%${a} endfilter ${a}%}`),
    ),
  }));

  it('means what the engine makes of it when only the signs are replaced', () => {
    fc.assert(
      fc.property(template, fc.constantFrom('', '\n', '\r\n'), (body, end) => {
        const source = body.replaceAll('«', '${').replaceAll('»', '}') + end;
        const naive = body.replaceAll('«', '{{').replaceAll('»', '}}') + end;
        const oracle = engine.render(naive.replace(/\n$/, '').replace(/\r$/, ''), new Map(Object.entries(context)));
        assert.equal(textOf(source), oracle.ok ? oracle.text : JSON.stringify(oracle));
      }),
      { numRuns: 300 },
    );
  });

  it('leads each character of the result back to where it was written', () => {
    const letters = fc.stringMatching(/^[ab\n]{0,6}$/);
    const part = fc.oneof(
      letters,
      fc.constantFrom('${v}', '${ v|upper }', '{% if v %}ab{% endif %}', '{% for i in range(2) %}b${v}{% endfor %}', '{# a #}'),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (list) => {
        const source = list.join('');
        const result = render(source, { v: 'xyz' });
        assert.ok(result.ok && result.exact, JSON.stringify([source, result]));
        for (const [offset, character] of [...result.text].entries()) {
          const at = toSourceOffset({ map: result.map, source }, offset);
          if ('xyzXYZ'.includes(character)) assert.ok(source.startsWith('${', at));
          else assert.equal(source[at], character);
        }
      }),
    );
  });

  it('takes for one what a block makes of its content', () => {
    const result = render('a = 1\nb = {% filter length %}abc${x}{% endfilter %}\nc = ${ x|int }');
    assert.ok(result.ok);
    assert.deepEqual([result.text, result.exact], ['a = 1\nb = 4\nc = 1', true]);
    assert.deepEqual(
      result.spans.map(({ from, to, offset, variables }) => [from, to, offset, [...variables]]),
      [
        [10, 11, 10, ['x']],
        [16, 17, 56, ['x']],
      ],
    );
  });

  it('keeps characters that would be marks, and then knows only where the first tag stands', () => {
    const result = render('${a|string}\u{f0000}', { a: '\u{100001}' });
    assert.ok(result.ok);
    assert.deepEqual([result.text, result.exact], ['\u{100001}\u{f0000}', false]);
    assert.deepEqual([result.map, result.spans.map(({ from, to, variables }) => [from, to, [...variables]])], [[[0, 0]], [[0, 4, ['a']]]]);
  });
});
