import { RetryableError } from '@kedge/shared/kernel';
import type { ObservedContainer } from '../ports.ts';

/** @throws {RetryableError} CONTAINER_GONE when it is not among those that were seen: look again */
export function findContainer({ containers }: { readonly containers: readonly ObservedContainer[] }, id: string): ObservedContainer {
  const container = containers.find((each) => each.id === id);
  if (!container)
    throw new RetryableError('CONTAINER_GONE', 'a container that was just seen is gone; looking again', { details: { container: id } });
  return container;
}
