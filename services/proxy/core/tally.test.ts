import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Ending, endingClasses, Tally } from './tally.ts';

describe('what was counted', () => {
  const cases: readonly (readonly [ending: Ending, name: (typeof endingClasses)[number]])[] = [
    ['aborted', 'aborted'],
    [101, '1xx'],
    [204, '2xx'],
    [399, '3xx'],
    [400, '4xx'],
    [503, '5xx'],
    [799, '5xx'],
  ];
  for (const [ending, name] of cases) {
    it(`has ${ending} among ${name}`, () => {
      const tally = new Tally();
      tally.end(ending, 0.01);
      const counted = endingClasses.filter((_, index) => tally.endings[index] === 1);
      assert.deepEqual([counted, tally.endings.length, tally.durations.sum], [[name], endingClasses.length, 0.01]);
    });
  }
});
