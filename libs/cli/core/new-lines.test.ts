import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { newLines } from './new-lines.ts';

describe('newLines', () => {
  for (const [previous, current, expected] of [
    ['', 'ab', 'ab'],
    ['ab', 'ab', ''],
    ['ab', 'abc', 'c'],
    ['abc', 'bcd', 'd'],
    ['abc', 'xyz', 'xyz'],
    ['abc', '', ''],
    ['aab', 'abaa', 'aa'],
  ] as const) {
    it(`finds "${expected}" after "${previous}" in "${current}"`, () =>
      assert.deepEqual(newLines([...previous], [...current]), [...expected]));
  }

  it('shows each line of a growing output once, however the looks fall', () => {
    const growth = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 20 });
    fc.assert(
      fc.property(growth, (steps) => {
        const tail = 5;
        const all: string[] = [];
        const shown: string[] = [];
        let previous: readonly string[] = [];
        for (const step of steps) {
          all.push(
            ...Array.from({ length: step }, () => `line ${all.length} ${Math.floor(all.length / 2)}`).map(
              (line, index) => `${line} ${index}`,
            ),
          );
          const current = all.slice(-tail);
          shown.push(...newLines(previous, current));
          previous = current;
        }
        assert.deepEqual(shown, all);
      }),
    );
  });
});
