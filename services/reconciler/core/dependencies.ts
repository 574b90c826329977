import type { DependencyCondition } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';

/** What a service still waits for before its first start, in a sentence; null when everything is as it declared. */
export function pendingDependency(
  dependencies: Readonly<Record<string, DependencyCondition>>,
  containersOf: (service: string) => readonly Pick<ObservedContainer, 'state' | 'health' | 'exitCode' | 'startedAt'>[],
): string | null {
  for (const [service, condition] of Object.entries(dependencies)) {
    if (!containersOf(service).some((container) => satisfies(container, condition))) return `it waits for ${service} (${condition})`;
  }
  return null;
}

function satisfies(
  container: Pick<ObservedContainer, 'state' | 'health' | 'exitCode' | 'startedAt'>,
  condition: DependencyCondition,
): boolean {
  const runs = container.state === 'running';
  switch (condition) {
    case 'started':
      return runs;
    case 'completed':
      // A container that was made and never ran also has exit code 0.
      return container.state === 'exited' && container.exitCode === 0 && container.startedAt !== null;
    case 'healthy':
      return runs && (container.health === 'healthy' || container.health === 'none');
    default:
      return condition satisfies never;
  }
}
