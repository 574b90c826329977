import { type AwaitedService, readDependencyWords } from '@kedge/shared/contracts';

interface Obstacle {
  readonly code: string;
  readonly message: string;
}

/** What a service with this obstacle waits for, by its `[depends_on]`; null for any other obstacle. The reconciler names it in its sentence. */
export function waitedFor(obstacle: Obstacle | null | undefined): AwaitedService | null {
  return obstacle?.code.startsWith('DEPENDENCY_') ? readDependencyWords(obstacle.message) : null;
}
