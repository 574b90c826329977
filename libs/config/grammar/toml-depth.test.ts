import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeeper } from './toml-depth.ts';

describe('how deep a document is', () => {
  for (const [value, levels, deeper] of [
    ['a', 0, false],
    [{}, 0, true],
    [{ a: [1] }, 1, true],
    [{ a: [1] }, 2, false],
    [new Date(0), 0, false],
  ] as const) {
    it(`is ${deeper ? '' : 'not '}more than ${levels}: ${JSON.stringify(value)}`, () => assert.equal(isDeeper(value, levels), deeper));
  }
});
