import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { handOverTold } from './hand-over-words.ts';

describe('handOverTold', () => {
  const why = 'its route web.test/a b moves to front when that serves';
  for (const [words, expected] of [
    [why, { why, heir: 'front' }],
    [`it is declared no more; ${why}`, { why, heir: 'front' }],
    ['it is declared no more', null],
    ['its place moves to front', null],
    ['', null],
  ] as const)
    it(`tells ${expected === null ? 'of none' : `who is waited for`}: "${words}"`, () => assert.deepEqual(handOverTold(words), expected));
});
