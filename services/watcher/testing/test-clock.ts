import type { Clock } from '../ports.ts';

/** A clock that stands still until it is moved, and whose chance is always in the middle. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

export function createTestClock(): TestClock {
  let elapsedMs = 0;
  return {
    now: () => new Date(Date.UTC(2026, 0, 1) + elapsedMs),
    monotonicMs: () => elapsedMs,
    random: () => 0.5,
    advance(ms) {
      elapsedMs += ms;
    },
  };
}
