import type { Bus } from '@kedge/shared/bus';
import { type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { publishedBy } from './core/desired-container.ts';
import { departureOf, type Exchange, exchangeOf, portsHeldBy } from './core/exchange.ts';
import { type Declared, type LeavingWriter, leavingWriters } from './core/still-written.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { Stores } from './stores.ts';

interface FinderPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'services' | 'releases'>;
  readonly engine: Pick<ContainerEngine, 'published' | 'writable' | 'list'>;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: () => Promise<string>;
}

type Asking = Pick<World, 'service' | 'manifest' | 'now'>;

/** How far those are that have to move before a service can have its ports and volumes. */
export interface Moves extends Exchange {
  readonly departures: readonly ReturnType<typeof departureOf>[];
}

/** Asks store and engine who has which place of the host, and who is to have it. */
export interface MoveFinder {
  /** What the manifest names, as it is declared now. */
  declared(world: Pick<World, 'manifest'>): Promise<ReadonlyMap<string, Declared>>;
  /** What is to be made of the service now may be another release than the declared one: an old one that comes back. */
  find(world: Asking, spec: ServiceSpec): Promise<Moves>;
}

/** It reads only what it is asked about, each time afresh. */
export function createMoveFinder({ bus, stores, engine, configFolder }: FinderPorts): MoveFinder {
  async function declared({ manifest }: Pick<World, 'manifest'>): Promise<ReadonlyMap<string, Declared>> {
    const [entries, records] = await Promise.all([stores.services.readAll(bus.node), stores.releases.readAll(bus.node)]);
    return new Map(
      Object.keys(manifest.services).flatMap((name) => {
        const key = serviceKey(bus.node, name as ServiceName);
        const spec = entries.get(key)?.value.spec;
        return spec ? [[name, { spec, record: records.get(key)?.value ?? null }] as const] : [];
      }),
    );
  }

  return {
    declared,
    async find(world, spec) {
      const [services, all, held, containers, folder] = await Promise.all([
        declared(world),
        engine.published(),
        engine.writable(),
        engine.list(bus.node),
        configFolder(),
      ]);
      const published = all.filter(({ owner }) => owner?.node === bus.node);
      const writing = { node: bus.node, held, declared: services, configFolder: folder };
      const inTheWay = (waiting: string, counts: (writer: LeavingWriter) => boolean) => {
        const wanted = waiting === world.service ? spec : services.get(waiting)?.spec;
        if (!wanted) return [];
        const writers = leavingWriters(waiting, wanted, writing).filter((each) => each.isDeclared && counts(each));
        return [...portsHeldBy({ waiting, ports: publishedBy(wanted), published }), ...writers.map(({ service }) => service)];
      };
      const exchange = exchangeOf(world.service, (waiting) => inTheWay(waiting, () => true));
      // Who has given way already is not the next to do so.
      const { givesWay } = exchangeOf(world.service, (waiting) => inTheWay(waiting, ({ container }) => container !== null));
      const departures = exchange.others.map((service) =>
        departureOf({
          record: services.get(service)?.record ?? null,
          containers: containers.filter(({ kedge }) => kedge?.service === service && kedge.node === bus.node),
          replicas: services.get(service)?.spec.service.replicas ?? 1,
          now: world.now,
        }),
      );
      return { ...exchange, givesWay, departures };
    },
  };
}
