import { type BackOffTable, backOffMs, longestTimerMs } from '@kedge/shared/kernel';

/** How a look at an image ended. */
export type LookEnd = 'answered' | 'absent' | 'failed';

/** Who wanted a look: the plan, or somebody with `watcher.check`. */
export type Asker = 'plan' | 'check';

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

/** `afterMs` counts from the end of the last look. */
export interface NextLook {
  readonly afterMs: number;
  readonly reason: 'interval' | 'back-off' | 'retry-after';
}

/** No image is asked for more often, whatever `delay` says. */
const shortestMs = 1_000;
/** A registry in trouble is asked again within ten minutes: the last step, and up to 20 % of jitter. */
const longestBackOffMs = 500_000;
const backOffFactors = [1, 2, 5, 15, 30, 60, 150, 300] as const;

/** When an image is asked for again: after the interval ±10 %, or later and later while the registry does not answer. */
export function nextLook({ end, watched, delay, failures, random, retryAfterMs = 0 }: LastLook): NextLook {
  const intervalMs = Math.max(delay * 1_000, shortestMs);
  const answered = isAnswered({ end, watched });
  const jittered = Math.round(intervalMs * (0.9 + 0.2 * random));
  const longest = end === 'failed' ? longestBackOffMs : Math.max(intervalMs, longestBackOffMs);
  const afterMs = answered ? jittered : backOffMs({ table: backOffTable(intervalMs, longest), failures, random });
  if (retryAfterMs > afterMs) return { afterMs: afterPause(retryAfterMs, { delay, random }), reason: 'retry-after' };
  return { afterMs: Math.min(afterMs, longestTimerMs), reason: answered ? 'interval' : 'back-off' };
}

/** The look after a pause that the registry asked for: never before its end, and not all of its images in the same moment. */
export function afterPause(pauseMs: number, { delay, random }: Pick<LastLook, 'delay' | 'random'>): number {
  const spreadMs = Math.min(pauseMs * 0.2, Math.max(delay * 1_000, shortestMs));
  return Math.round(pauseMs + spreadMs * random);
}

/** False too for an image that is not there and that nobody follows: it is most likely a local one. */
export function isAnswered({ end, watched }: Pick<LastLook, 'end' | 'watched'>): boolean {
  return end === 'answered' || (end === 'absent' && watched);
}

/** Looks in a row that did not find the image, after one more. Checks are asked for by somebody: they raise nothing, but an answer ends it. */
export function countFailures(before: number, { end, watched, by }: Pick<LastLook, 'end' | 'watched'> & { readonly by: Asker }): number {
  if (isAnswered({ end, watched })) return 0;
  return by === 'plan' ? before + 1 : before;
}

/** From the interval on, up to the longest. */
function backOffTable(intervalMs: number, longest: number): BackOffTable {
  const [first, ...rest] = backOffFactors.map((factor) => Math.min(intervalMs * factor, longest));
  return [first ?? intervalMs, ...rest];
}
