import type { Clock } from '../ports.ts';

/** The clocks and the chance of this machine. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
};
