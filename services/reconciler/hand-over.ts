import type { Bus } from '@kedge/shared/bus';
import { type EndpointsEntry, type ServiceName, serviceKey } from '@kedge/shared/contracts';
import { type Heir, type PendingHandOver, pendingHandOver } from './core/hand-over.ts';
import type { World } from './observe-service.ts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

interface HandOverPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly wake: (service: ServiceName) => void;
}

/** Routes that move from a service that is declared no more to one that is. */
export interface HandOvers {
  /**
   * What keeps the service of this world from leaving; it is woken when another one has other endpoints. Null: it may leave. Rejects with
   * RetryableError WORLD_MOVED while the configuration is being written.
   */
  pending(world: World): Promise<PendingHandOver | null>;
  /** The proxies were told of other endpoints of a service: whoever waits for its heir looks again. */
  written(service: ServiceName): void;
}

export function createHandOvers({ bus, stores, wake }: HandOverPorts): HandOvers {
  /** Lost with the process, whose first look is at everything. */
  const waiting = new Set<ServiceName>();

  async function declaredBy({ manifest, key: asked }: World): Promise<readonly Heir[]> {
    const [entries, endpoints] = await Promise.all([stores.services.readAll(bus.node), stores.endpoints.readAll(bus.node)]);
    return Object.entries(manifest.services).map(([name, hash]) => {
      const service = name as ServiceName;
      const key = serviceKey(bus.node, service);
      const entry = entries.get(key)?.value;
      if (entry?.hash !== hash) throw worldMoved(asked);
      return { service, spec: entry.spec, endpoints: endpoints.get(key)?.value ?? null };
    });
  }

  async function look(world: World, endpoints: EndpointsEntry): Promise<PendingHandOver | null> {
    const { record, containers } = world;
    return pendingHandOver({ record: record?.value ?? null, endpoints, containers, declared: await declaredBy(world) });
  }

  return {
    async pending(world) {
      const { service, endpoints } = world;
      // Noted before anything is read, so that no change in between is missed.
      waiting.add(service);
      const found = endpoints && endpoints.value.routes.length > 0 ? await look(world, endpoints.value) : null;
      if (!found) waiting.delete(service);
      return found;
    },
    written(service) {
      for (const leaving of waiting) if (leaving !== service) wake(leaving);
    },
  };
}
