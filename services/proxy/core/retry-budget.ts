/** How many requests there were, and how many were asked again, second by second. */
export interface RetryCounts {
  /** The second of the newest slot. */
  readonly second: number;
  readonly requests: readonly number[];
  readonly retries: readonly number[];
}

const windowSeconds = 10;
/** So many may be in any case, of the whole window. */
const atLeast = 3 * windowSeconds;

export const noRetries: RetryCounts = {
  second: 0,
  requests: new Array<number>(windowSeconds).fill(0),
  retries: new Array<number>(windowSeconds).fill(0),
};

/** The same at a later time: what is older than the window is gone. */
export function atSecond(counts: RetryCounts, second: number): RetryCounts {
  const passed = Math.min(Math.max(second - counts.second, 0), windowSeconds);
  if (passed === 0) return counts;
  const moved = (slots: readonly number[]) => [...slots.slice(passed), ...new Array<number>(passed).fill(0)];
  return { second, requests: moved(counts.requests), retries: moved(counts.retries) };
}

export function withOneMore(counts: RetryCounts, what: 'requests' | 'retries'): RetryCounts {
  const slots = counts[what];
  return { ...counts, [what]: [...slots.slice(0, -1), (slots.at(-1) ?? 0) + 1] };
}

/** Whether one more may be asked again: of all requests of the window so many percent, and a few in any case. */
export function mayRetry({ requests, retries }: RetryCounts, percent: number): boolean {
  const sum = (slots: readonly number[]) => slots.reduce((total, count) => total + count, 0);
  return sum(retries) < Math.max(atLeast, (sum(requests) * percent) / 100);
}
