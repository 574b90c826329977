import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { taintedLeaf, templateFile, tomlFile } from '../testing/toml-files.ts';
import { parseTemplate, problemAt, quoted } from './template-file.ts';

const canary = 'c4nary';

describe('a template file', () => {
  it('tells a TOML error at its place in the source, although the rendered text is longer', () => {
    const source = 'a = "${secret}"\nb = "${secret}" oops\n';
    const parsed = parseTemplate(templateFile('web/service.toml', { source, variables: { secret: canary.repeat(9) } }));
    assert.deepEqual(parsed, {
      problems: [
        {
          file: 'web/service.toml',
          line: 2,
          column: 17,
          excerpt: 'b = "${secret}" oops',
          message:
            'not valid TOML: the end of the line was expected here: each key has a line of its own, and a text has quotes around all of it',
        },
      ],
    });
  });

  it('points at the placeholder when a value breaks the TOML, and never shows the value', () => {
    const parsed = parseTemplate(templateFile('a.toml', { source: 'a = 1\nb = "${secret}"\n', variables: { secret: `x" ${canary}` } }));
    assert.ok('problems' in parsed);
    assert.deepEqual(
      parsed.problems.map(({ line, column }) => [line, column]),
      [[2, 6]],
    );
    assert.ok(!JSON.stringify(parsed.problems).includes(canary));
  });

  for (const [what, source, variables] of [
    ['a list', 'a = ${v}\nb = yes\n', { v: '["a", "b"]' }],
    ['a statement', '${v}\nb = yes\n', { v: 'A1 = "1"' }],
    ['statements', 'a = ${v}\nb = yes\n', { v: '"1"\n[[c]]\nd = [\n"2"]' }],
    ['a table', '${v}\n[x]\nb = yes\n', { v: '[[volume]]\nsource = "x"' }],
    ['a part of a list', 'a = ["${v}"]\nb = yes\n', { v: 'x", "y' }],
  ] as const) {
    it(`is told nothing of a variable that is TOML itself: ${what}`, () => {
      const parsed = parseTemplate(templateFile('a.toml', { source, variables }));
      assert.deepEqual('problems' in parsed && parsed.problems.map(({ excerpt, column }) => [excerpt, column]), [['b = yes', 5]]);
    });
  }

  it('points at a value, at a key, and for a missing key at its table', () => {
    const file = tomlFile('a.toml', '[service]\nname = "x"\n[[port]]\nhost = 1\n');
    const place = (...args: Parameters<typeof problemAt>) => {
      const { line, column, key } = problemAt(...args);
      return [line, column, key];
    };
    assert.deepEqual(place(file, { pointer: ['service', 'name'], message: '' }), [2, 8, 'service.name']);
    assert.deepEqual(place(file, { pointer: ['service', 'name'], message: '', atKey: true }), [2, 1, 'service.name']);
    assert.deepEqual(place(file, { pointer: ['service', 'image'], message: '' }), [1, 2, 'service.image']);
    assert.deepEqual(place(file, { pointer: ['port', 0, 'container'], message: '' }), [3, 3, 'port[0].container']);
    assert.deepEqual(place(file, { pointer: ['kedge'], message: '' }), [1, 1, 'kedge']);
  });

  it('quotes what the user wrote, but nothing that a variable made', () => {
    const file = tomlFile('a.toml', { source: 'a = "${x}"\nb = "plain"\n', variables: { x: canary }, tainted: [taintedLeaf(['a'])] });
    assert.equal(quoted(file, { pointer: ['b'], value: 'plain' }), '"plain"');
    assert.equal(quoted(file, { pointer: ['a'], value: canary }), 'the value here');
  });
});
