import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exitCodeOfOutcome, isWell, type Outcome } from './outcome.ts';

const table: readonly (readonly [outcome: Outcome, exitCode: number, well: boolean])[] = [
  ['done', 0, true],
  ['going', 0, true],
  ['failed', 1, false],
  ['timeout', 1, false],
  ['refused', 1, false],
  ['interrupted', 130, false],
];

describe('an outcome', () => {
  for (const [outcome, exitCode, well] of table) {
    it(`"${outcome}" ends with ${exitCode}`, () => assert.deepEqual([exitCodeOfOutcome(outcome), isWell(outcome)], [exitCode, well]));
  }
});
