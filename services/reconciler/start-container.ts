import type { Bus } from '@kedge/shared/bus';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { errorCode } from '@kedge/shared/kernel';
import { findContainer } from './core/find-container.ts';
import type { DestructionGuard } from './guard-destruction.ts';
import type { NetworkKeeper } from './keep-networks.ts';
import type { ContainerMaker } from './make-container.ts';
import type { Memory } from './memory.ts';
import type { NameContainer } from './name-container.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';

interface StartPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'start' | 'remove'>;
  readonly memory: Pick<Memory, 'stopping'>;
  readonly maker: Pick<ContainerMaker, 'ensureNetworks'>;
  readonly name: NameContainer;
  readonly networks: Pick<NetworkKeeper, 'together'>;
  readonly assertMayDestroy: DestructionGuard;
}

interface Start {
  readonly id: string;
  /** What it was made of; null when nobody knows any more. */
  readonly spec: ServiceSpec | null;
  /** It answers to the service's name as soon as it runs. */
  readonly isNamed?: boolean;
}

/**
 * Starts a container on networks that are there. `removed`: somebody else got its address, or its network is another one by now, and both
 * will be so for ever; the next look makes another container in its place. Rejects with whatever else the engine says. It is started by the
 * name that it was seen with: when it has another one by then, somebody else has gone on with it, and nothing is started (CONTAINER_GONE).
 */
export type StartContainer = (world: World, start: Start) => Promise<'started' | 'removed'>;

/** What no other attempt to start the same container mends. */
const misplaced = new Set(['ADDRESS_TAKEN', 'NETWORK_MISSING']);

export function createStarter(ports: StartPorts): StartContainer {
  const { bus, engine, memory, maker, name, networks, assertMayDestroy } = ports;

  async function start(world: World, { id, spec, isNamed = false }: Start): Promise<'started' | 'removed'> {
    if (spec) await maker.ensureNetworks(world, spec);
    memory.stopping.delete(id);
    const container = findContainer(world, id);
    const { kedge, cutFrom, namedOn, hasAlias } = container;
    if (kedge && (cutFrom.length > 0 || (isNamed && !hasAlias))) await name(world, { id, isNamed: isNamed || namedOn.length > 0 });
    try {
      // The service's own name goes from container to container.
      await engine.start(container.name === world.service ? id : container.name);
      return 'started';
    } catch (thrown) {
      if (!misplaced.has(errorCode(thrown))) throw thrown;
      assertMayDestroy();
      await engine.remove(id, { service: world.service, node: bus.node });
      return 'removed';
    }
  }

  // Its networks are not made anew below it meanwhile.
  return async (world, given) => await networks.together(() => start(world, given));
}
