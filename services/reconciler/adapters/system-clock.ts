import type { Clock } from '../ports.ts';

/** The clock of this machine. */
export function createSystemClock(): Clock {
  return { now: () => new Date(), monotonicMs: () => performance.now() };
}
