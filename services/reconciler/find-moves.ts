import type { Bus } from '@kedge/shared/bus';
import { allRoutes, type EndpointsEntry, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { publishedBy } from './core/desired-container.ts';
import { departureOf, type Exchange, everybodyAhead, exchangeOf, isMoving, portsHeldBy, stuckWords, type Waits } from './core/exchange.ts';
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

/** Who waits for whom at one moment. */
export interface Situation {
  /** Who writes where, and who is declared to. */
  readonly writing: Writing;
  /** Everybody whom a service waits for, however long the chain is, whether they can go on or not. */
  readonly aheadOf: (service: string) => ReadonlySet<string>;
}

/** Who has which place of the host, and who is to have it. */
export interface MoveFinder {
  writing(world: Pick<World, 'manifest'>): Promise<Writing>;
  situation(world: Pick<World, 'manifest'>): Promise<Situation>;
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

  /** `specOf`: what is to be made of each. */
  async function waitsOf(known: Writing, specOf: (service: string) => ServiceSpec | null | undefined): Promise<Waits> {
    const [all, endpoints] = await Promise.all([engine.published(), stores.endpoints.readAll(bus.node)]);
    const published = all.filter(({ owner }) => owner?.node === bus.node);
    const endpointsOf = (service: string) => endpoints.get(serviceKey(bus.node, service as ServiceName))?.value ?? null;
    const places = (waiting: string, isTaken: boolean) => {
      const wanted = specOf(waiting);
      if (!wanted) return [];
      const writers = leavingWriters(waiting, wanted, known).filter(({ container }) => !isTaken || container !== null);
      return [...portsHeldBy({ waiting, ports: publishedBy(wanted), published }), ...writers.map(({ service }) => service)];
    };
    return {
      places: (waiting) => places(waiting, false),
      taken: (waiting) => places(waiting, true),
      others: (waiting) => Object.keys(specOf(waiting)?.depends_on ?? {}).concat(heirsOf(waiting, known.declared, endpointsOf)),
    };
  }

  return {
    writing,
    async situation(world) {
      const known = await writing(world);
      const waits = await waitsOf(known, (service) => known.declared.get(service)?.spec);
      return { writing: known, aheadOf: (service) => everybodyAhead(service, waits) };
    },
    async find(world, { spec, known: given }) {
      const [known, containers] = await Promise.all([given ?? writing(world), engine.list(bus.node)]);
      const waits = await waitsOf(known, (service) => (service === world.service ? spec : known.declared.get(service)?.spec));
      const exchange = exchangeOf(world.service, waits);
      const recordOf = (service: string) => known.declared.get(service)?.record ?? null;
      const departures = exchange.others.map((service) =>
        departureOf({
          record: recordOf(service),
          containers: containers.filter(({ kedge }) => kedge?.service === service && kedge.node === bus.node),
          replicas: known.declared.get(service)?.spec?.service.replicas ?? 1,
          now: world.now,
        }),
      );
      const stuck = exchange.others.filter((service, index) => departures[index] === 'stuck' && !isMoving(recordOf(service)));
      return { ...exchange, departures, stuck: stuck.flatMap((service) => stuckWords(service, recordOf(service)) ?? [])[0] ?? null };
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
