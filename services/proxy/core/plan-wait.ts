/** Why an attempt failed although nothing was sent: no connection came about, all were taken, or the target left service meanwhile. */
export type Trouble = 'unreachable' | 'busy' | 'retired';

/** A request for which there is no target (left) at this moment. */
export interface Plight {
  /** The service is between two containers: its requests are meant to wait. */
  readonly held: boolean;
  /** Since the request came, without the time in which its route was paused. */
  readonly elapsedMs: number;
  /** How the last attempt failed; null when there was none. */
  readonly trouble: Trouble | null;
  /** Since the first attempt that failed. */
  readonly troubledMs: number;
  /** How often it waited for a connection already. */
  readonly rounds: number;
}

/** How long requests wait; 0: not at all. */
export interface WaitLimits {
  readonly holdTimeoutMs: number;
  readonly connectRetryMs: number;
}

/** What becomes of such a request. `afterwards` says what it does when the wait is over and the routes did not change before. */
export type Wait =
  | { readonly kind: 'wait'; readonly waitMs: number; readonly afterwards: 'try-again' | 'refuse'; readonly status: 502 | 503 }
  | { readonly kind: 'refuse'; readonly status: 502 | 503 };

/** Between two rounds of attempts; the last one repeats. Requests come at their own times, which spreads their attempts. */
const roundsMs: readonly number[] = [100, 200, 400, 800];
const lastRoundMs = 1_000;

/**
 * A held service is waited for from the beginning of the request. Where a connection failed, a container died a moment ago, and nobody
 * has told the routes yet: it may come back at its address, or another one may take its place.
 */
export function planWait({ held, elapsedMs, trouble, troubledMs, rounds }: Plight, limits: WaitLimits): Wait {
  if (held) {
    const waitMs = limits.holdTimeoutMs - elapsedMs;
    return waitMs > 0 ? { kind: 'wait', waitMs, afterwards: 'refuse', status: 503 } : { kind: 'refuse', status: 503 };
  }
  const status = trouble === 'unreachable' ? 502 : 503;
  const leftMs = limits.connectRetryMs - troubledMs;
  if (trouble === null || trouble === 'busy' || leftMs <= 0) return { kind: 'refuse', status };
  return { kind: 'wait', waitMs: Math.min(roundsMs[rounds] ?? lastRoundMs, leftMs), afterwards: 'try-again', status };
}
