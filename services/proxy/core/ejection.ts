/** When a target is left out, and for how long. */
export interface EjectionPlan {
  /** In a row. */
  readonly failures: number;
  readonly baseMs: number;
  readonly maxMs: number;
  /** When fewer than that would be left, nobody is left out. */
  readonly panicPercent: number;
}

/** What is remembered of a target that failed. */
export interface Standing {
  /** Failures in a row. */
  readonly streak: number;
  /** How often it was left out, without having done well in between. */
  readonly times: number;
  /** It is left out until then; 0: it is not. */
  readonly untilMs: number;
}

/** Of one that did nothing wrong yet. */
export const blameless: Standing = { streak: 0, times: 0, untilMs: 0 };

/** After one more failure. While it is left out, failures of those who had it before do not count. */
export function afterFailure(before: Standing, plan: EjectionPlan, nowMs: number): Standing {
  if (nowMs < before.untilMs) return before;
  const streak = before.streak + 1;
  // Who comes back from having been left out has one try.
  const isEnough = streak >= plan.failures || before.times > 0;
  if (!isEnough) return { ...before, streak };
  const forMs = Math.min(plan.maxMs, plan.baseMs * 2 ** Math.min(before.times, 30));
  return { streak, times: before.times + 1, untilMs: nowMs + forMs };
}

/** After it did well; null when there is nothing to remember. While it is left out, that is of requests from before. */
export function afterSuccess(before: Standing, nowMs: number): Standing | null {
  return nowMs < before.untilMs ? before : null;
}

/** Whether so few would be left that leaving out does more harm than good. */
export function isPanic({
  all,
  left,
  panicPercent,
}: {
  readonly all: number;
  readonly left: number;
  readonly panicPercent: number;
}): boolean {
  return left === 0 || left * 100 < all * panicPercent;
}
