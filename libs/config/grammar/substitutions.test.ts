import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile } from '../testing/toml-files.ts';
import { describeExpression, substitutionsOf } from './substitutions.ts';

describe('what was put into a template', () => {
  it('is told with its name, and where it stands in both texts', () => {
    const source = 'a = "${ one }${two}"\nb = ${none}\n';
    const file = templateFile('a.toml', { source, variables: { one: 'x', two: '', none: '5' } });
    assert.deepEqual(
      substitutionsOf(file).map(({ name, offset, from, to, value }) => [name, offset, file.rendered.slice(from, to), value]),
      [
        ['one', 5, 'x', 'x'],
        ['two', 13, '', ''],
        ['none', 25, '5', '5'],
      ],
    );
  });

  it('is called a variable where it is one', () => {
    assert.equal(describeExpression({ name: 'tag' }), 'the variable "tag"');
    for (const name of ['tag | tojson', 'a ~ b', 'a.b']) assert.equal(describeExpression({ name }), `the expression \${ ${name} }`);
  });

  it('is an expression, also with signs that trim and brackets in it', () => {
    const source = 'a = "${- x["}"] -}  b${';
    const map: [number, number][] = [
      [0, 0],
      [5, 5],
      [6, 20],
      [7, 21],
    ];
    assert.deepEqual(
      substitutionsOf({ source, rendered: 'a = "1b${', map }).map(({ name }) => name),
      ['x["}"]'],
    );
  });
});
