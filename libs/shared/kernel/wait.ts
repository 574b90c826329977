import { setTimeout as timer } from 'node:timers/promises';

/** The longest that one timer may take, in milliseconds (nearly 25 days): Node rings a longer one at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** Waits, in milliseconds. Resolves to false when `signal` ended the wait early; never rejects. */
export async function wait(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    for (let left = ms; left > 0 || left === ms; left -= longestTimerMs) await timer(Math.min(left, longestTimerMs), undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
