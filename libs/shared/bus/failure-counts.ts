/** How often in a row something failed here. */
export interface FailureCounts {
  /** Counts one more; 1 is the first. */
  failed(key: number): number;
  /** It did not fail this time, or is done with. */
  forget(key: number): void;
}

/** Keeps at most `most`, and forgets the oldest before: somebody else may have ended it, which is not heard here. */
export function createFailureCounts(most = 10_000): FailureCounts {
  const counts = new Map<number, number>();
  return {
    failed(key) {
      const count = (counts.get(key) ?? 0) + 1;
      const [oldest] = counts.keys();
      if (!counts.has(key) && counts.size >= most && oldest !== undefined) counts.delete(oldest);
      counts.set(key, count);
      return count;
    },
    forget: (key) => void counts.delete(key),
  };
}
