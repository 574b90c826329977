interface Obstacle {
  readonly code: string;
  readonly message: string;
}

/** The service that one with this obstacle waits for, by its `[depends_on]`; null for any other obstacle. The reconciler names it in its sentence. */
export function waitedFor(obstacle: Obstacle | null | undefined): string | null {
  if (!obstacle?.code.startsWith('DEPENDENCY_')) return null;
  return /^it waits for (\S+) \(/.exec(obstacle.message)?.[1] ?? null;
}
