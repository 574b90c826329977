import { setTimeout as timer } from 'node:timers/promises';

/** Waits, in milliseconds. Resolves to false when `signal` ended the wait early; never rejects. */
export async function wait(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await timer(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
