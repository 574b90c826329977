import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lexTemplate } from './lexer.ts';

function parts(source: string): string[] {
  const lexed = lexTemplate(source);
  assert.ok(lexed.ok, JSON.stringify(lexed));
  return lexed.template.segments.map((segment) =>
    segment.kind === 'text'
      ? source.slice(segment.start, segment.end)
      : `<${segment.kind[0]}:${source.slice(segment.code.from, segment.code.to).trim()}>`,
  );
}

describe('lexTemplate', () => {
  const cases: readonly (readonly [source: string, parts: readonly string[]])[] = [
    ['image = "app:${tag}"', ['image = "app:', '<e:tag>', '"']],
    ['a $tag $ { } $$ {x} } {{ }} %}', ['a $tag $ { } $$ {x} } {{ }} %}']],
    ['$${tag}', ['$', '<e:tag>']],
    ["${ {'a': 'b'}['a'] }}", ["<e:{'a': 'b'}['a']>", '}']],
    ["${ \"}\" ~ '\\'}' }", ["<e:\"}\" ~ '\\'}'>"]],
    ['a {#- x ${ {% -#} b', ['a', 'b']],
    ['a ${- x -} b', ['a', '<e:x>', 'b']],
    ['a\n{%- if x +%} b {%+ endif -%}\n', ['a', '<s:if x>', ' b ', '<s:endif>']],
    ['{% raw %}${x}{% if %}{% endraw %}', ['${x}{% if %}']],
    ['a {%- raw -%} ${ {%- endraw -%} b', ['a', '${', 'b']],
    ['line\n', ['line']],
    ['line\n\n', ['line\n']],
    ['line\r\n', ['line']],
    ['\n', []],
    ['', []],
  ];
  for (const [source, expected] of cases) {
    it(`splits ${JSON.stringify(source)}`, () => assert.deepEqual(parts(source), expected));
  }

  for (const [source, offset] of [
    ['a ${x', 2],
    ['${ "x }', 0],
    ['${ (x }', 0],
    ['a\n{% if x', 2],
    ['x {# y', 2],
    ['x {% raw %} {% end', 2],
  ] as const) {
    it(`points at what is never closed in ${JSON.stringify(source)}`, () => {
      const lexed = lexTemplate(source);
      assert.ok(!lexed.ok);
      assert.deepEqual(
        lexed.problems.map((problem) => problem.offset),
        [offset],
      );
    });
  }

  it('gives up the line of an expression that is never closed, and no other', () => {
    const source = 'a = "${x"\nb = "${y}"\nc = ${ (z\nd = "${y}"';
    const lexed = lexTemplate(source);
    assert.ok(!lexed.ok);
    assert.deepEqual(
      lexed.problems.map(({ offset }) => source.slice(offset, offset + 3)),
      ['${x', '${ '],
    );
    const texts = lexed.rest?.segments.map(({ start, end }) => source.slice(start, end));
    assert.deepEqual(texts, ['a = "', '\nb = "', '${y}', '"\nc = ', '\nd = "', '${y}', '"']);
  });

  it('searches the rest for the ends of so many expressions, and no more', () => {
    const lexed = lexTemplate('a = "${x"\n'.repeat(5_000));
    assert.deepEqual(!lexed.ok && [lexed.problems.length, lexed.rest], [100, null]);
  });

  it('searches no farther than the next tag, and trims blanks by walking along them', () => {
    const lexed = lexTemplate(`${'#${[[a]]\n'.repeat(50)}#\${[${'[a],\n'.repeat(50)}`);
    assert.deepEqual(!lexed.ok && lexed.problems.length, 51);
    const closed = lexTemplate('a = "${x\nb = ${y}"\nc = ${z}\n');
    assert.deepEqual(!closed.ok && closed.problems.map(({ offset }) => offset), [5]);
    assert.ok(lexTemplate(`${' '.repeat(1_000_000)}x{%- if a %}{% endif %}`).ok);
  });

  it('gives up the rest where a statement may decide about it', () => {
    for (const source of ['a ${x {% if y %}\nb', 'a {% if x\nb ${y', 'a ${x\n{# b\n']) {
      const lexed = lexTemplate(source);
      assert.equal(!lexed.ok && lexed.rest, null, source);
    }
  });

  it('never fails and never loses its way, whatever the text', () => {
    const piece = fc.constantFrom(
      '${',
      '}',
      '{%',
      '%}',
      '{#',
      '#}',
      '-',
      '+',
      '"',
      "'",
      '\\',
      '(',
      ')',
      '{',
      ' ',
      '\n',
      'x',
      'raw',
      'endraw',
      '$',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const source = pieces.join('');
        const lexed = lexTemplate(source);
        if (!lexed.ok) return assert.ok(lexed.problems.every(({ offset }) => offset < source.length));
        let at = 0;
        for (const { start, end } of lexed.template.segments) {
          assert.ok(start >= at && end > start && end <= source.length);
          at = end;
        }
      }),
    );
  });
});
