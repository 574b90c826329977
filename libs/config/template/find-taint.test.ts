import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findTaint } from './find-taint.ts';
import { parseTemplate } from './template.ts';

function taintOf(template: string, values: Readonly<Record<string, string>>) {
  const { leaves, problems } = findTaint(parseTemplate(template), new Map(Object.entries(values)));
  return { pointers: leaves.map(({ pointer }) => pointer.join('.')), problems };
}

describe('findTaint', () => {
  it('finds whole values, parts of values and several variables in one value', () => {
    const template = '[env]\nDSN = "postgres://${user}:${pw}@h/db"\nPLAIN = "x"\nPW = "${pw}"\nJOINED = "${user}${pw}"\n';
    assert.deepEqual(taintOf(template, { user: 'u', pw: 'hunter2' }), { pointers: ['env.DSN', 'env.PW', 'env.JOINED'], problems: [] });
  });

  it('finds numbers, booleans and dates that are written without quotes', () => {
    const template =
      'host = ${port}\njoined = 80${digit}\nlonger = ${digit}0\nwatch = ${flag}\nday = 2026-01-${day}\nf = ${float}\nfixed = 1\n';
    const values = { port: '8080', digit: '1', flag: 'true', day: '31', float: '1.5' };
    assert.deepEqual(taintOf(template, values), { pointers: ['host', 'joined', 'longer', 'watch', 'day', 'f'], problems: [] });
  });

  it('finds what a value brings in itself: list items, and nothing beside them', () => {
    assert.deepEqual(taintOf('command = ${list}\nother = ["a"]\n', { list: '["serve", "--fast"]' }), {
      pointers: ['command.0', 'command.1'],
      problems: [],
    });
  });

  it('finds empty values and values without letters or digits', () => {
    assert.deepEqual(taintOf('a = "${e}"\nb = "x${s}"\nc = 80${e}\n', { e: '', s: '!#' }), {
      pointers: ['a', 'b', 'c'],
      problems: [],
    });
  });

  it('finds values next to escapes, in literal and in multi-line strings', () => {
    assert.deepEqual(
      taintOf('a = "x\\n${v}"\nb = \'${v}\'\nc = """\n${v}\n"""\nd = "\\u00${h}"\ne = "${esc}"', { v: 'n', h: '41', esc: '\\n' }),
      {
        pointers: ['a', 'b', 'c', 'd', 'e'],
        problems: [],
      },
    );
  });

  it('leaves alone what only a comment takes from a variable', () => {
    assert.deepEqual(taintOf('# ${note}\na = 1\n', { note: 'hello' }), { pointers: [], problems: [] });
  });

  it('reports a variable that stands in a key, a table name or changes the structure, at its first use and without its value', () => {
    for (const [template, offset] of [
      ['${v} = 1\n', 0],
      ['[env]\n"${v}" = "x"\n', 7],
      ['[${v}]\na = 1\n', 1],
      ['a = 1\n${v} = "${v}"\n', 6],
    ] as const) {
      const { pointers, problems } = taintOf(template, { v: 'c4nary' });
      assert.deepEqual(problems, [{ offset, message: 'variable "v" decides keys or structure here; a variable may only stand in values' }]);
      assert.deepEqual(pointers, []);
    }
  });

  it('reports a variable that brings in its own lines', () => {
    assert.equal(taintOf('a = 1\n${lines}\n', { lines: 'b = 2\nc = 3' }).problems.length, 1);
  });

  it('accepts an empty variable on a line of its own', () => {
    assert.deepEqual(taintOf('a = 1\n${nothing}\n', { nothing: '' }), { pointers: [], problems: [] });
  });

  it('has nothing to say of a template that gives no valid TOML: the watcher shows that with its place', () => {
    assert.deepEqual(taintOf('a = ${v}\n', { v: 'not toml' }), { pointers: [], problems: [] });
  });

  it('finds every string that holds a variable, wherever it is split, and no other', () => {
    const chunk = fc.oneof(fc.stringMatching(/^[a-z0-9:/@. -]{0,6}$/), fc.constantFrom('${a}', '${b}', '${ c }'));
    const value = fc.stringMatching(/^[\x20\x21\x23-\x5b\x5d-\x7e]{0,12}$/);
    fc.assert(
      fc.property(
        fc.array(fc.array(chunk, { maxLength: 5 }), { maxLength: 6 }),
        fc.record({ a: value, b: value, c: value }),
        (lines, values) => {
          const template = lines.map((chunks, index) => `k${index} = "${chunks.join('')}"\n`).join('');
          const expected = lines.flatMap((chunks, index) => (chunks.some((text) => text.startsWith('${')) ? [`k${index}`] : []));
          assert.deepEqual(taintOf(template, values), { pointers: expected, problems: [] });
        },
      ),
    );
  });

  it('finds every integer that holds a variable', () => {
    const number = fc.integer({ min: 1, max: 99_999 }).map(String);
    fc.assert(
      fc.property(number, number, (a, b) => {
        assert.deepEqual(taintOf('x = ${a}\ny = ${a}${b}\nz = 1${b}\nw = 7\n', { a, b }), { pointers: ['x', 'y', 'z'], problems: [] });
      }),
    );
  });
});
