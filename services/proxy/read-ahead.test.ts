import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReadAhead } from './read-ahead.ts';

describe('what is read ahead', () => {
  it('is so much of each and of all, until it is let go', () => {
    const readAhead = createReadAhead({ each: 10, all: 15 });
    const [one, other] = [readAhead.begin(), readAhead.begin()];
    const chunk = Buffer.alloc(5);
    assert.deepEqual([one.keep(chunk), one.keep(chunk), other.keep(chunk)], [true, false, false]);
    one.release();
    assert.deepEqual([one.chunks.length, other.chunks.length, other.keep(Buffer.alloc(1))], [0, 1, true]);
  });
});
