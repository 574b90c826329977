/** Targets that could not be reached a moment ago. Nobody may be there to take them out of the table: it serves without the bus, too. */
export interface Avoidance {
  /** Nobody could connect to it. */
  avoid(target: string): void;
  /** It answered. */
  forgive(target: string): void;
  isAvoided(target: string): boolean;
  /** A request goes there: if that finds out whether it is back, the others avoid it until that is known. */
  tries(target: string): void;
}

/** After so long one request finds out whether it is back; with it, everybody waits that much less. */
const avoidedForMs = 10_000;

/** `now` is monotonic, in milliseconds. Without anybody who fails it holds nothing. */
export function createAvoidance(now: () => number): Avoidance {
  const until = new Map<string, number>();
  return {
    avoid(target) {
      const nowMs = now();
      for (const [other, endMs] of until) if (endMs <= nowMs) until.delete(other);
      until.set(target, nowMs + avoidedForMs);
    },
    forgive: (target) => void until.delete(target),
    isAvoided: (target) => (until.get(target) ?? Number.NEGATIVE_INFINITY) > now(),
    tries(target) {
      if (until.has(target)) until.set(target, now() + avoidedForMs);
    },
  };
}
