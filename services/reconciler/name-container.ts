import { RetryableError } from '@kedge/shared/kernel';
import { findContainer } from './core/find-container.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';

interface NamePorts {
  readonly engine: Pick<ContainerEngine, 'setAliases'>;
  readonly networkName: (world: World) => string;
}

/**
 * Gives the service's name to a container, or takes it away, on every network that it belongs on; it is on all of them afterwards. Done in
 * the turn of those who work on containers: `NetworkTurns.together`.
 */
export type NameContainer = (world: World, naming: { readonly id: string; readonly isNamed: boolean }) => Promise<void>;

/** A container that runs is frozen for a moment on each network where something has to change. */
export function createNamer({ engine, networkName }: NamePorts): NameContainer {
  return async function name(world, { id, isNamed }) {
    const container = findContainer(world, id);
    await engine.setAliases(id, {
      name: networkName(world),
      address: addressOf(container),
      aliases: isNamed ? [world.service] : [],
      others: container.kedge?.networks ?? [],
    });
  };
}

function addressOf(container: ObservedContainer): string {
  const address = container.kedge?.address ?? container.address;
  if (address === null)
    throw new RetryableError('CONTAINER_GONE', 'a container has no address; looking again', { details: { container: container.id } });
  return address;
}
