import type { Bus } from '@kedge/shared/bus';
import { type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import type { World } from './observe-service.ts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

/** What the manifest of a world names. */
export interface DeclaredReader {
  /** Those whose spec is there as it is named; the others are being written. */
  settled(world: Pick<World, 'manifest'>): Promise<ReadonlyMap<ServiceName, ServiceSpec>>;
  /** All; rejects with RetryableError WORLD_MOVED while some are being written. */
  all(world: Pick<World, 'manifest' | 'key'>): Promise<ReadonlyMap<ServiceName, ServiceSpec>>;
}

interface ReaderPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'services'>;
}

/** New specs are written before the manifest that names them, and changed ones after it: only its hashes tell which are in force. */
export function createDeclaredReader({ bus, stores }: ReaderPorts): DeclaredReader {
  async function settled({ manifest }: Pick<World, 'manifest'>): Promise<ReadonlyMap<ServiceName, ServiceSpec>> {
    const entries = await stores.services.readAll(bus.node);
    return new Map(
      Object.entries(manifest.services).flatMap(([name, hash]) => {
        const service = name as ServiceName;
        const entry = entries.get(serviceKey(bus.node, service))?.value;
        return entry?.hash === hash ? [[service, entry.spec] as const] : [];
      }),
    );
  }

  return {
    settled,
    async all(world) {
      const found = await settled(world);
      if (found.size < Object.keys(world.manifest.services).length) throw worldMoved(world.key);
      return found;
    },
  };
}
