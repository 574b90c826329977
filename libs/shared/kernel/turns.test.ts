import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTurns } from './turns.ts';

describe('turns', () => {
  it('are taken one after the other, in the order of asking', async () => {
    const inTurn = createTurns();
    const seen: string[] = [];
    const first = Promise.withResolvers<void>();
    const one = inTurn(async () => {
      seen.push('one begins');
      await first.promise;
      seen.push('one ends');
    });
    const two = inTurn(async () => seen.push('two'));
    await Promise.resolve();
    first.resolve();
    await Promise.all([one, two]);
    assert.deepEqual(seen, ['one begins', 'one ends', 'two']);
  });

  it('go on when one fails, which only whoever asked for it is told', async () => {
    const inTurn = createTurns();
    const failing = inTurn(async () => await Promise.reject(new Error('no')));
    const next = inTurn(async () => await Promise.resolve('done'));
    await assert.rejects(failing, /no/);
    assert.equal(await next, 'done');
  });
});
