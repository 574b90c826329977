import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'smol-toml';
import { placeLeaves, touchedBy } from './placed-leaves.ts';

const text = 'a = "xy"\nb = [1, \'\']\n[c]\nd = true\n';
const { placed, unplaced } = placeLeaves(text, parse(text));

describe('values in their text', () => {
  it('are found in the order in which they stand, without their quotes inside', () => {
    assert.deepEqual(unplaced, []);
    assert.deepEqual(
      placed.map(({ leaf, from, to, inside }) => [leaf.pointer.join('.'), text.slice(from, to), text.slice(inside.from, inside.to)]),
      [
        ['a', '"xy"', 'xy'],
        ['b.0', '1', '1'],
        ['b.1', "''", ''],
        ['c.d', 'true', 'true'],
      ],
    );
  });

  for (const [what, from, to, touched] of [
    ['a part of one', 5, 6, ['a']],
    ['all that lie between', 6, 15, ['a', 'b.0']],
    ['one by an empty part within its quotes', 5, 5, ['a']],
    ['none by an empty part before it', 4, 4, []],
    ['none by a key', 0, 3, []],
  ] as const) {
    it(`touch ${what}`, () =>
      assert.deepEqual(
        touchedBy(placed, { from, to }).map(({ leaf }) => leaf.pointer.join('.')),
        touched,
      ));
  }
});
