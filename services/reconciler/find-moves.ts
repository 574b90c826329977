import type { Bus } from '@kedge/shared/bus';
import { allRoutes, type EndpointsEntry, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { publishedBy } from './core/desired-container.ts';
import { departureOf, type Exchange, exchangeOf, isMoving, portsHeldBy, stuckWords } from './core/exchange.ts';
import { claims, servesRoute } from './core/moving-routes.ts';
import { type Declared, leavingWriters, type Writing } from './core/still-written.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine } from './ports.ts';
import type { DeclaredReader } from './read-declared.ts';
import type { Stores } from './stores.ts';

interface FinderPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'releases' | 'endpoints'>;
  readonly engine: Pick<ContainerEngine, 'published' | 'writable' | 'list'>;
  readonly declared: Pick<DeclaredReader, 'settled'>;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: () => Promise<string>;
}

type Asking = Pick<World, 'service' | 'manifest' | 'now'>;

/** How far those are that have to move before a service can have its ports and volumes. */
export interface Moves extends Exchange {
  readonly departures: readonly ReturnType<typeof departureOf>[];
  /** Why one that stays does not move, in a sentence; null while each is on its way, or waits for another one of them. */
  readonly stuck: string | null;
}

/** Who has which place of the host, and who is to have it. */
export interface MoveFinder {
  /** Who writes where, and who is declared to. */
  writing(world: Pick<World, 'manifest'>): Promise<Writing>;
  /** What is to be made of the service now may be another release than the declared one: an old one that comes back. */
  find(world: Asking, asked: { readonly spec: ServiceSpec; readonly known?: Writing }): Promise<Moves>;
}

/** Asks store and engine each time afresh. */
export function createMoveFinder({ bus, stores, engine, declared, configFolder }: FinderPorts): MoveFinder {
  async function writing(world: Pick<World, 'manifest'>): Promise<Writing> {
    const [specs, records, held, folder] = await Promise.all([
      declared.settled(world),
      stores.releases.readAll(bus.node),
      engine.writable(),
      configFolder(),
    ]);
    const services = (Object.keys(world.manifest.services) as ServiceName[]).map((name): [string, Declared] => {
      return [name, { spec: specs.get(name) ?? null, record: records.get(serviceKey(bus.node, name))?.value ?? null }];
    });
    return { node: bus.node, held, declared: new Map(services), configFolder: folder };
  }

  return {
    writing,
    async find(world, { spec, known: given }) {
      const [known, all, containers, endpoints] = await Promise.all([
        given ?? writing(world),
        engine.published(),
        engine.list(bus.node),
        stores.endpoints.readAll(bus.node),
      ]);
      const published = all.filter(({ owner }) => owner?.node === bus.node);
      const specOf = (service: string) => (service === world.service ? spec : known.declared.get(service)?.spec);
      const places = (waiting: string, isTaken = false) => {
        const wanted = specOf(waiting);
        if (!wanted) return [];
        const writers = leavingWriters(waiting, wanted, known).filter(({ container }) => !isTaken || container !== null);
        return [...portsHeldBy({ waiting, ports: publishedBy(wanted), published }), ...writers.map(({ service }) => service)];
      };
      const endpointsOf = (service: string) => endpoints.get(serviceKey(bus.node, service as ServiceName))?.value ?? null;
      const exchange = exchangeOf(world.service, {
        places: (waiting) => places(waiting),
        taken: (waiting) => places(waiting, true),
        others: (waiting) => Object.keys(specOf(waiting)?.depends_on ?? {}).concat(heirsOf(waiting, known.declared, endpointsOf)),
      });
      const departures = exchange.others.map((service) =>
        departureOf({
          record: known.declared.get(service)?.record ?? null,
          containers: containers.filter(({ kedge }) => kedge?.service === service && kedge.node === bus.node),
          replicas: known.declared.get(service)?.spec?.service.replicas ?? 1,
          now: world.now,
        }),
      );
      const recordOf = (service: string) => known.declared.get(service)?.record ?? null;
      const stuck = exchange.others.find(
        (service, index) => known.declared.has(service) && departures[index] === 'stuck' && !isMoving(recordOf(service)),
      );
      return {
        ...exchange,
        departures,
        stuck: stuck === undefined ? null : stuckWords(stuck, recordOf(stuck)),
      };
    },
  };
}

/** For whom a service that is declared no more stays: they are to serve its routes, and do not yet. */
function heirsOf(
  leaving: string,
  declared: Writing['declared'],
  endpointsOf: (service: string) => EndpointsEntry | null,
): readonly string[] {
  const entry = declared.has(leaving) ? null : endpointsOf(leaving);
  const routes = entry ? allRoutes(entry) : [];
  return [...declared].flatMap(([name, { spec }]) => {
    const endpoints = endpointsOf(name);
    return spec && routes.some((route) => claims(spec, route) && !servesRoute({ endpoints }, route)) ? [name] : [];
  });
}
