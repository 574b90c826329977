/** Time that several share. */
export interface Budget {
  leftMs(): number;
  spend(ms: number): void;
  /** Remembers that something was ended because of the time, and gives it back. */
  over<Result>(ended: Result): Result;
  isOver(): boolean;
}

/** What is spent here is spent in `whole`, too. */
export function createBudget(mostMs: number, whole: Budget | null = null): Budget {
  let spentMs = 0;
  let over = false;
  return {
    leftMs: () => Math.min(mostMs - spentMs, whole?.leftMs() ?? Number.POSITIVE_INFINITY),
    spend(ms) {
      spentMs += ms;
      whole?.spend(ms);
    },
    over(ended) {
      over = true;
      return ended;
    },
    isOver: () => over,
  };
}
