import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { templateFile } from '../testing/toml-files.ts';
import { excerptOf, fill, moved, placeIn } from './filled-text.ts';
import { substitutionsOf } from './substitutions.ts';

describe('a text with other values', () => {
  const file = templateFile('a.toml', { source: '[a]\nb = "${x}${y}"\nc = "${x}"\n', variables: { x: 'one', y: '"' } });
  const substitutions = substitutionsOf(file);
  const filling = { rendered: file.rendered, substitutions, values: ['1', '2222', ''] };

  it('has each in its place', () => {
    const text = fill(filling);
    assert.equal(text, '[a]\nb = "12222"\nc = ""\n');
    const places = substitutions.map((each) => placeIn(filling, each));
    assert.deepEqual(
      places.map(({ from, to }) => text.slice(from, to)),
      filling.values,
    );
  });

  it('is cut to some parts, with the values that stand in these', () => {
    const [last] = substitutions.slice(-1);
    const start = file.rendered.indexOf('c =');
    const { shift, ...excerpt } = excerptOf(filling, [
      { start: 0, end: 3 },
      { start, end: file.rendered.length - 1 },
    ]);
    assert.equal(fill(excerpt), '[a]\nc = ""\n');
    assert.ok(last);
    assert.deepEqual(excerpt.substitutions, [moved(last, shift)]);
  });
});
