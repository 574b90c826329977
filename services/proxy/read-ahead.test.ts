import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createReadAhead } from './read-ahead.ts';

describe('what is read ahead', () => {
  it('is so much of each and of all, until it is let go', () => {
    const readAhead = createReadAhead({ each: 10, all: 22 });
    const [one, other] = [readAhead.begin('a'), readAhead.begin('b')];
    const chunk = Buffer.alloc(5);
    assert.deepEqual([one.keep(chunk), one.keep(chunk), other.keep(chunk), other.keep(Buffer.alloc(3))], [true, false, true, false]);
    one.release();
    assert.deepEqual([one.chunks.length, other.chunks.length, other.keep(Buffer.alloc(1))], [0, 2, true]);
  });

  it('is no more of one client than is left for all others', () => {
    const readAhead = createReadAhead({ each: 100, all: 60 });
    const keep = (client: string) => readAhead.begin(client).keep(Buffer.alloc(10));
    assert.deepEqual(['a', 'a', 'a', 'b', 'a', 'b', 'c'].map(keep), [true, true, false, true, false, false, false]);
  });
});
