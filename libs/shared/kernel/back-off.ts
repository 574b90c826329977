/** Waits in milliseconds; the last one repeats. Front-loaded: most faults pass quickly. */
export type BackOffTable = readonly [number, ...number[]];

/** For work that a registry, the engine or a secret source refused: 30 s up to 10 min. */
export const patientBackOff: BackOffTable = [30_000, 60_000, 120_000, 300_000, 600_000];

interface BackOff {
  readonly table: BackOffTable;
  /** How many attempts failed so far; 1 after the first failure. */
  readonly failures: number;
  /** A number in [0, 1), handed in so that the decision stays a pure function. */
  readonly random: number;
  /** When the other side said how long to wait; never shortened. */
  readonly retryAfterMs?: number | undefined;
}

/** The wait before the next attempt: the table's entry plus up to 20 % jitter, at least what the other side asked for. */
export function backOffMs({ table, failures, random, retryAfterMs = 0 }: BackOff): number {
  const index = Math.min(Math.max(failures, 1), table.length) - 1;
  const base = table[index] ?? table[0];
  return Math.max(retryAfterMs, Math.round(base * (1 + 0.2 * random)));
}
