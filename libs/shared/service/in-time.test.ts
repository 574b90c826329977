import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inTime } from './in-time.ts';

const never = new Promise<never>(() => undefined);

describe('work that is bounded', () => {
  it('gives its result, or its failure', async () => {
    assert.equal(await inTime(Promise.resolve('done'), 1_000, () => 'late'), 'done');
    await assert.rejects(
      inTime(Promise.reject(new Error('no')), 1_000, () => 'late'),
      /no/,
    );
  });

  it('gives something else when it takes too long', async () => {
    assert.equal(await inTime(never, 1, () => 'late'), 'late');
    await assert.rejects(
      inTime(never, 1, () => {
        throw new Error('too late');
      }),
      /too late/,
    );
  });
});
