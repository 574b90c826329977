import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile } from '../testing/toml-files.ts';
import { insertsLines, isRightAsFilled, withHarmlessValues } from './harmless-values.ts';

const file = (source: string, v: string) => templateFile('a.toml', { source, variables: { v } });

describe('values that harm no text around them', () => {
  for (const [source, value, harmless] of [
    ['a = "${v}"', 'x"\n', 'a = "x__"'],
    ["a = '${v}'", "x'", "a = 'x_'"],
    ['a = """\n"${v}"""', '"""', 'a = """\n"___"""'],
    ['# ${v}', '\n"', '# __'],
    ['a = ${v}', '["x"]\n', 'a = ["x"]\n'],
    ['a = "x"${v}', '\n"', 'a = "x"\n"'],
    ['a = "x\n${v}', '"\n', 'a = "x\n"\n'],
    ['a = "\\"${v}"', '"', 'a = "\\"_"'],
    ['a = ${v}x"""', '"""\n', 'a = """\nx"""'],
    ['a = ${v}${v}', '"', 'a = "_'],
    ['a = """x""""${v}', '"', 'a = """x"""""'],
    ['a = """x"""""${v}', '"', 'a = """x""""""'],
  ] as const) {
    it(`in ${JSON.stringify(source)}`, () => assert.equal(withHarmlessValues(file(source, value)), harmless));
  }

  it('are told from lines that a value inserts', () => {
    assert.equal(insertsLines(file('a = ${v}', '1\nb = 2')), true);
    assert.equal(insertsLines(file('a = "${v}"', '1\nb = 2')), false);
    assert.equal(insertsLines(file('a = ${v}', '[1]')), false);
  });

  it('are right where they make their part of the text so', () => {
    const right = isRightAsFilled(file('a = "${v}"\nb = 1\n', 'x", "y'));
    assert.deepEqual([right({ start: 0, end: 12 }), right({ start: 13, end: 18 })], [false, false]);
    assert.equal(isRightAsFilled(file('a = ${v}\n', '["x"]'))({ start: 0, end: 10 }), true);
  });
});
