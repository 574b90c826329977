import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRateLimits } from './rate-limits.ts';

const rate = { count: 1, windowMs: 1_000 };

describe('rate limits', () => {
  it('are of each client and each rate', () => {
    const limits = createRateLimits(() => 0);
    const taken = [
      ['a', 'x'],
      ['a', 'x'],
      ['a', 'y'],
      ['b', 'x'],
    ].map(([key = '', client = '']) => limits.take(key, client, rate).taken);
    assert.deepEqual(taken, [true, false, true, true]);
    limits.keepOnly(new Set(['b']));
    assert.deepEqual(
      ['a', 'b'].map((key) => limits.take(key, 'x', rate).taken),
      [true, false],
    );
  });

  it('give back what does not count after all', () => {
    const limits = createRateLimits(() => 0);
    limits.giveBack('a', 'x', rate);
    const taken = [0, 1, 2].map((round) => {
      if (round === 1) limits.giveBack('a', 'x', rate);
      return limits.take('a', 'x', rate).taken;
    });
    assert.deepEqual(taken, [true, true, false]);
  });

  it('remember those who asked last, in bounded memory', () => {
    let at = 0;
    const limits = createRateLimits(() => at);
    for (let client = 0; client <= 50_000; client += 1) limits.take('a', `c${client}`, rate);
    assert.deepEqual(
      ['c50000', 'c2'].map((client) => limits.take('a', client, rate).taken),
      [false, false],
    );
    assert.equal(limits.take('a', 'c0', rate).taken, true, 'pushed out');
    at = 1_000;
    assert.equal(limits.take('a', 'c2', rate).taken, true);
  });
});
