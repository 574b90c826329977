interface Ended {
  /** When the rollout was over, in milliseconds since the epoch. */
  readonly endedAt: number;
  /** From its beginning on. */
  readonly durationMs: number;
  /** When an obstacle was seen in its way for the last time; null when none was. */
  readonly waitedUntil: number | null;
}

/** How long a rollout took by itself, and how long something stood in its way before that; both together are its duration. */
export function splitDuration({ endedAt, durationMs, waitedUntil }: Ended): { readonly tookMs: number; readonly waitedMs: number } {
  const sinceObstacleMs = waitedUntil === null ? durationMs : endedAt - waitedUntil;
  const tookMs = Math.min(Math.max(sinceObstacleMs, 0), durationMs);
  return { tookMs, waitedMs: durationMs - tookMs };
}
