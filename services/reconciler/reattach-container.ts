import type { Bus } from '@kedge/shared/bus';
import { errorCode } from '@kedge/shared/kernel';
import type { Step } from './core/step.ts';
import type { DestructionGuard } from './guard-destruction.ts';
import type { NetworkKeeper } from './keep-networks.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';

interface ReattachPorts {
  readonly bus: Bus;
  readonly engine: ContainerEngine;
  readonly networks: Pick<NetworkKeeper, 'ensure'>;
  readonly networkName: (world: World) => string;
  readonly assertMayDestroy: DestructionGuard;
}

/** Makes a container whole that was frozen or lost its network, and tells that once it is. */
export type ReattachContainer = (world: World, step: Extract<Step, { kind: 'reattach' }>) => Promise<void>;

/** Whoever holds its address now may be leaving; after so many refusals that is not to be expected any more. */
const maxRefusals = 3;

/** Rejects with ADDRESS_TAKEN twice; at the third time the container is removed, if anything may be. */
export function createReattacher({ bus, engine, networks, networkName, assertMayDestroy }: ReattachPorts): ReattachContainer {
  const refusals = new Map<string, number>();

  return async function reattach(world, { id, address, alias, reason }) {
    const { service } = world;
    const drifted = (outcome: string) => bus.publish('container.drifted', { container: id, reason: outcome }, { service });
    try {
      const others = world.containers.find((container) => container.id === id)?.kedge?.networks ?? [];
      // Somebody may have taken the network itself away.
      if (others.length > 0) await networks.ensure(world.manifest, others);
      await engine.setAliases(id, { name: networkName(world), address, aliases: alias ? [service] : [], others });
      await drifted(reason);
    } catch (thrown) {
      if (errorCode(thrown) !== 'ADDRESS_TAKEN') throw thrown;
      const times = (refusals.get(id) ?? 0) + 1;
      refusals.set(id, times);
      if (times < maxRefusals) throw thrown;
      // Nobody reaches it without its address; the next look makes another one in its place.
      assertMayDestroy();
      await engine.remove(id, { service, node: bus.node });
      await drifted(`${reason}; its address was given away meanwhile, and it is made anew`);
    }
    refusals.delete(id);
  };
}
