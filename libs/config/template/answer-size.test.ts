import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mostOfAnswer, sizeOf, tooLarge } from './answer-size.ts';

describe('the size of an answer', () => {
  it('counts bytes, not characters', () => assert.deepEqual([sizeOf('ä'), sizeOf({ a: 1 })], [4, 7]));

  it('stays below what the bus carries when it is sealed', () => assert.ok((mostOfAnswer * 4) / 3 + 10_000 < 1_048_576));

  it('is told in thousands', () => assert.match(tooLarge(812_345), /it takes 813 kB .* 770 kB fit/));
});
