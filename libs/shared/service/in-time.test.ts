import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inTime } from './in-time.ts';

const never = new Promise<never>(() => undefined);

describe('work that is bounded', () => {
  it('gives its result, or its failure', async () => {
    assert.equal(await inTime(Promise.resolve('done'), { withinMs: 1_000, instead: () => 'late' }), 'done');
    await assert.rejects(inTime(Promise.reject(new Error('no')), { withinMs: 1_000, instead: () => 'late' }), /no/);
  });

  it('gives something else when it takes too long', async () => {
    assert.equal(await inTime(never, { withinMs: 1, instead: () => 'late' }), 'late');
    await assert.rejects(
      inTime(never, {
        withinMs: 1,
        instead: () => {
          throw new Error('too late');
        },
      }),
      /too late/,
    );
  });
});
