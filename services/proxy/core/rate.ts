/** So many in so long a time. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

/** What became of one that was asked for. */
export interface Taken {
  readonly taken: boolean;
  /** When all of them are there again: what the next one is asked for with. Unchanged where none was taken. */
  readonly fullAt: number;
  /** How many are left. */
  readonly left: number;
  /** How long it takes until all are there again; where none was taken, until there is one. */
  readonly againMs: number;
}

/** Sums of fractions of milliseconds are not quite what they should be. */
const hairMs = 1e-3;

/**
 * Takes one of those that are left; they come back one by one, evenly over the window (the generic cell rate algorithm). `fullAt` undefined:
 * none was taken yet.
 */
export function takeOne({ count, windowMs }: Rate, { fullAt, now }: { readonly fullAt: number | undefined; readonly now: number }): Taken {
  const eachMs = windowMs / count;
  const next = Math.max(fullAt ?? now, now) + eachMs;
  const usedMs = next - now;
  if (usedMs > windowMs + hairMs) return { taken: false, fullAt: next - eachMs, left: 0, againMs: usedMs - windowMs };
  return { taken: true, fullAt: next, left: Math.max(0, Math.floor((windowMs - usedMs + hairMs) / eachMs)), againMs: usedMs };
}

/** Whole seconds until something that comes again in `againMs` is there, never fewer: whoever comes then is not too early. */
export function secondsUntil(againMs: number): number {
  return Math.max(1, Math.ceil((againMs - hairMs) / 1_000));
}
