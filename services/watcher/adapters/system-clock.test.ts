import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { systemClock } from './system-clock.ts';

describe('the clock of this machine', () => {
  it('never goes back where it must not, and gives chance in [0, 1)', () => {
    let before = systemClock.monotonicMs();
    for (let look = 0; look < 1_000; look += 1) {
      const now = systemClock.monotonicMs();
      const chance = systemClock.random();
      assert.ok(now >= before && chance >= 0 && chance < 1);
      before = now;
    }
  });

  it('tells today', () => assert.ok(systemClock.now().getUTCFullYear() >= 2026));
});
