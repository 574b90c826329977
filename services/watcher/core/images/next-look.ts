import { type BackOffTable, backOffMs } from '@kedge/shared/kernel';

/** How a look at an image ended. */
export type LookEnd = 'answered' | 'absent' | 'failed';

interface LastLook {
  readonly end: LookEnd;
  readonly watched: boolean;
  readonly delay: number;
  /** Looks in a row that did not find the image; 1 after the first. */
  readonly failures: number;
  /** In [0, 1). */
  readonly random: number;
  readonly retryAfterMs?: number | undefined;
}

export interface NextLook {
  readonly afterMs: number;
  readonly reason: 'interval' | 'back-off' | 'retry-after';
}

/** No image is asked for more often, whatever `delay` says. */
const shortestMs = 1_000;
/** Timers hold no more (2^31 - 1 ms, almost 25 days); a longer interval is cut to it. */
const longestMs = 2_147_483_647;
const longestBackOffMs = 600_000;
const backOffFactors = [1, 2, 5, 15, 30, 60, 150, 300] as const;

/** When an image is asked for again: after the interval ±10 %, or later and later while the registry does not answer. */
export function nextLook({ end, watched, delay, failures, random, retryAfterMs = 0 }: LastLook): NextLook {
  const intervalMs = Math.max(delay * 1_000, shortestMs);
  // An image that is not there and that nobody follows is most likely a local one.
  const answered = end === 'answered' || (end === 'absent' && watched);
  const jittered = Math.round(intervalMs * (0.9 + 0.2 * random));
  const afterMs = answered ? jittered : backOffMs({ table: backOffTable(intervalMs), failures, random });
  if (retryAfterMs > afterMs) return { afterMs: retryAfterMs, reason: 'retry-after' };
  return { afterMs: Math.min(afterMs, longestMs), reason: answered ? 'interval' : 'back-off' };
}

/** From the interval up to ten minutes; an interval longer than that stays. */
function backOffTable(intervalMs: number): BackOffTable {
  const [first, ...rest] = backOffFactors.map((factor) => Math.max(intervalMs, Math.min(intervalMs * factor, longestBackOffMs)));
  return [first ?? intervalMs, ...rest];
}
