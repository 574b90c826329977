import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { doctorSummary } from './doctor-summary.ts';

describe('the last line of kedge doctor', () => {
  for (const [states, line] of [
    [['fine', 'fine'], 'All is well.'],
    [['fine', 'warning'], '1 warning; all else is well. What to do stands below each.'],
    [['failed', 'fine', 'warning', 'warning'], '1 thing does not work, 2 warnings; all else is well. What to do stands below each.'],
    [
      ['failed', 'fine', 'not-asked', 'not-asked'],
      '1 thing does not work, 2 were not asked; all else is well. What to do stands below each.',
    ],
    [['failed', 'not-asked'], '1 thing does not work, 1 was not asked. What to do stands below each.'],
    [['failed', 'failed'], '2 things do not work. What to do stands below each.'],
  ] as const) {
    it(line, () => assert.equal(doctorSummary(states), line));
  }
});
