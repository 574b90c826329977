import type { Bus } from '@kedge/shared/bus';
import type { ReleaseRecord, ServiceSpec } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import { chooseStrategy } from './core/choose-strategy.ts';
import { decideAdoption } from './core/decide-adoption.ts';
import { isUp } from './core/sort-containers.ts';
import type { DestructionGuard } from './guard-destruction.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import type { RecordWriter } from './write-record.ts';

interface AdoptionPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly engine: Pick<ContainerEngine, 'inspect' | 'start' | 'stop' | 'removeForeign'>;
  readonly write: RecordWriter;
  readonly assertMayDestroy: DestructionGuard;
  readonly log: Logger;
}

/**
 * Taking the place of containers that Kedge did not make, after a person agreed to it (`adopt`). The record names them by id until that is
 * over, so that whoever dies in the middle goes on; no other container of a stranger is ever touched.
 */
export interface PlaceAdopter {
  /** Ends what two cannot have at once (a port, a volume, a declared `recreate`), right before the own container starts. */
  makeRoom(world: World, spec: ServiceSpec): Promise<void>;
  /** Removes them when the service serves, or brings back what ran when it could not start. False when there is nothing to conclude. */
  conclude(world: World): Promise<boolean>;
}

/** They were not made with a grace of their own that we could know. */
const graceMs = 10_000;

/** Stops and removes only what the record names by id, and only while `assertMayDestroy` lets it. */
export function createPlaceAdopter({ bus, engine, write, assertMayDestroy, log }: AdoptionPorts): PlaceAdopter {
  async function present({ record }: World): Promise<readonly Adopted[]> {
    const found = await Promise.all(
      (record?.value.adopting ?? []).map(async (each) => ({ ...each, container: await engine.inspect(each.container) })),
    );
    return found.flatMap(({ container, ...each }) => (container && container.kedge?.node !== bus.node ? [{ ...each, container }] : []));
  }

  async function stop({ id }: ObservedContainer): Promise<void> {
    assertMayDestroy();
    await engine.stop(id, graceMs);
  }

  return {
    async makeRoom(world, spec) {
      const { strategy, reason } = chooseStrategy(spec);
      if (strategy === 'start-first') return;
      for (const { container } of (await present(world)).filter((each) => isUp(each.container))) {
        log.info({ container: container.name, reason }, 'a container of a stranger makes room');
        await stop(container);
      }
    },
    async conclude(world) {
      const { record } = world;
      if (!record?.value.adopting) return false;
      const decision = decideAdoption(record.value);
      if (decision === 'wait') return false;
      for (const { container, wasRunning } of await present(world)) {
        if (decision === 'bring-back') {
          if (wasRunning && !isUp(container)) await engine.start(container.id);
          continue;
        }
        await stop(container);
        assertMayDestroy();
        await engine.removeForeign(container.id);
        log.info({ container: container.name }, 'the container that this one took the place of is removed');
      }
      await write(world, ({ adopting: _adopting, ...kept }) => kept);
      return true;
    },
  };
}

interface Adopted {
  readonly wasRunning: boolean;
  readonly container: ObservedContainer;
}

/** Ids of the containers that the service may take the place of. */
export function adoptedIds(record: ReleaseRecord | null | undefined): readonly string[] {
  return (record?.adopting ?? []).map(({ container }) => container);
}
