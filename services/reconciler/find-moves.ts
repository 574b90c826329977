import type { Bus } from '@kedge/shared/bus';
import { allRoutes, type EndpointsEntry, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { comesBack, type Unmet, unmetDependencies } from './core/dependencies.ts';
import { publishedBy } from './core/desired-container.ts';
import { departureOf, type Exchange, everybodyAhead, exchangeOf, isMoving, portsHeldBy, stuckWords, type Waits } from './core/exchange.ts';
import { isTakenBack } from './core/is-taken-back.ts';
import { claims, servesRoute } from './core/moving-routes.ts';
import { excludeEachOther, type Leaver, type Predecessor, predecessorsOf, restoredTo } from './core/predecessors.ts';
import { type Declared, leavingWriters, type Writing } from './core/still-written.ts';
import type { Surroundings } from './core/successors.ts';
import type { FindDependencies } from './find-dependencies.ts';
import type { Making } from './make-container.ts';
import type { World } from './observe-service.ts';
import type { ContainerEngine, ObservedContainer } from './ports.ts';
import type { DeclaredReader } from './read-declared.ts';
import type { Stores } from './stores.ts';

interface FinderPorts {
  readonly bus: Pick<Bus, 'node'>;
  readonly stores: Pick<Stores, 'releases' | 'endpoints' | 'bars'>;
  readonly engine: Pick<ContainerEngine, 'published' | 'writable' | 'list'>;
  readonly declared: Pick<DeclaredReader, 'settled'>;
  readonly findDependencies: FindDependencies;
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
export interface Situation extends Surroundings {
  /** Of this node. */
  readonly containers: readonly ObservedContainer[];
  /**
   * Whether they can go on or not. Whom the one waits for that leaves is not asked: it may leave. A dependency that serves, and is not there
   * for a moment, comes back without anybody.
   */
  readonly aheadOf: (service: string) => ReadonlySet<string>;
  /** The same, with those that serve and are not there now. */
  readonly missedBy: (service: string) => ReadonlySet<string>;
}

/** Who has which place of the host, and who is to have it. */
export interface MoveFinder {
  writing(world: Pick<World, 'manifest'>): Promise<Writing>;
  /** As it is for a service that is declared no more. */
  situation(leaving: Pick<World, 'service' | 'manifest'>): Promise<Situation>;
  /** Whom what is to be made of the service now may not start beside. */
  predecessors(world: Pick<World, 'service' | 'manifest'>, asked: Pick<Making, 'spec' | 'digest'>): Promise<readonly Predecessor[]>;
  /** What is to be made of the service now may be another release than the declared one: an old one that comes back. */
  find(world: Asking, asked: { readonly spec: ServiceSpec; readonly known?: Writing }): Promise<Moves>;
}

/** What still may answer, or write. */
const alive: ReadonlySet<ObservedContainer['state']> = new Set(['running', 'paused', 'restarting']);

interface Wishes {
  /** What is to be made of each. */
  readonly specOf: (service: string) => ServiceSpec | null | undefined;
  /** Those that have to be there before it. */
  readonly neededBy: (service: string) => readonly string[];
}

/** Asks store and engine each time afresh. */
export function createMoveFinder({ bus, stores, engine, declared, findDependencies, configFolder }: FinderPorts): MoveFinder {
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

  /** Of this node. */
  async function ownContainers(): Promise<readonly ObservedContainer[]> {
    return (await engine.list(bus.node)).filter(({ kedge }) => kedge?.node === bus.node);
  }

  /** Those that are declared no more: what still runs of them, and what is coming back. */
  async function readLeavers(declares: (service: ServiceName) => boolean, containers: readonly ObservedContainer[]) {
    const leaving = new Set(containers.flatMap(({ kedge }) => kedge?.service ?? []).filter((service) => !declares(service)));
    if (leaving.size === 0) return { running: [], restored: [] };
    const { node } = bus;
    // All at once: many may leave at the same time, and each of them is looked at for each of those that wait.
    const [records, endpoints, bars] = await Promise.all([
      stores.releases.readAll(node),
      stores.endpoints.readAll(node),
      stores.bars.readAll(node),
    ]);
    const all = [...leaving].map((service) => {
      const key = serviceKey(node, service);
      const record = records.get(key)?.value ?? null;
      const isRestored = record !== null && isTakenBack(record, bars.get(key)?.value.bars ?? []);
      const made = containers.flatMap(({ kedge }) => (kedge?.service === service ? [kedge] : []));
      return { service, record, endpoints: endpoints.get(key)?.value ?? null, made, isRestored };
    });
    const runs = (service: string) => containers.some(({ kedge, state }) => kedge?.service === service && alive.has(state));
    return { running: all.filter(({ service }) => runs(service)), restored: all.filter(({ isRestored }) => isRestored) };
  }

  /** What is read once tells it for all wishes. */
  async function readWaits(known: Writing, containers: readonly ObservedContainer[]): Promise<(wishes: Wishes) => Waits> {
    const declares = (service: string) => known.declared.has(service);
    const [all, endpoints, { running: leavers }] = await Promise.all([
      engine.published(),
      stores.endpoints.readAll(bus.node),
      readLeavers(declares, containers),
    ]);
    const published = all.filter(({ owner }) => owner?.node === bus.node);
    const endpointsOf = (service: string) => endpoints.get(serviceKey(bus.node, service as ServiceName))?.value ?? null;
    /** For whom a service that is declared no more stays: they are to serve its routes, and do not yet. */
    const heirsOf = (service: string) => {
      const leaver = leavers.find((each) => each.service === service);
      return leaver ? heirsAwaitedBy(leaver, known.declared, endpointsOf) : [];
    };
    return ({ specOf, neededBy }) => {
      const places = (waiting: string, isTaken: boolean) => {
        const wanted = specOf(waiting);
        if (!wanted) return [];
        const writers = leavingWriters(waiting, wanted, known).filter(({ container }) => !isTaken || container !== null);
        const inPlace = [...writers, ...predecessorsOf(wanted, leavers)];
        return [...portsHeldBy({ waiting, ports: publishedBy(wanted), published }), ...inPlace.map(({ service }) => service)];
      };
      return {
        places: (waiting) => places(waiting, false),
        taken: (waiting) => places(waiting, true),
        others: (waiting) => [...neededBy(waiting), ...heirsOf(waiting)],
      };
    };
  }

  /** Those that have to be there before each, and are not. */
  async function unmetBy({ manifest }: Pick<World, 'manifest'>, known: Writing, containers: readonly ObservedContainer[]) {
    const of = (service: ServiceName) => known.declared.get(service) ?? { spec: null, record: null };
    const unmet = [...known.declared].map(async ([service, { spec }]): Promise<[string, readonly Unmet[]]> => {
      const dependencies = spec ? await findDependencies(spec, 'release', { manifest, containers, of }) : [];
      return [service, unmetDependencies(dependencies)];
    });
    return new Map(await Promise.all(unmet));
  }

  return {
    writing,
    async situation(leaving) {
      const [known, containers] = await Promise.all([writing(leaving), ownContainers()]);
      const [unmet, waitsFor] = await Promise.all([unmetBy(leaving, known, containers), readWaits(known, containers)]);
      const comesByItself = (dependency: string) => {
        const own = containers.filter(({ kedge }) => kedge?.service === dependency);
        return comesBack({ containers: own, record: known.declared.get(dependency)?.record ?? null });
      };
      const closureBy = (counts: (unmet: Unmet, waiting: string) => boolean) => {
        const waits = waitsFor({
          specOf: (service) => known.declared.get(service)?.spec,
          neededBy: (service) => (unmet.get(service) ?? []).filter((each) => counts(each, service)).map((each) => each.service),
        });
        const stays = { ...waits, others: (service: string) => (service === leaving.service ? [] : waits.others(service)) };
        return (service: string) => everybodyAhead(service, stays);
      };
      // Who waited for longer than the deadline waits for what does not come by itself.
      const hasWaited = (waiting: string) => known.declared.get(waiting)?.record?.waiting?.code === 'DEPENDENCY_TIMEOUT';
      const aheadOf = closureBy(
        ({ service, condition }, waiting) => condition === 'completed' || hasWaited(waiting) || !comesByItself(service),
      );
      const missedBy = closureBy(() => true);
      return { writing: known, containers, aheadOf, missedBy };
    },
    async predecessors({ service: asking, manifest }, { spec, digest }) {
      const declares = (service: ServiceName) => service === asking || Object.hasOwn(manifest.services, service);
      const [containers, folder] = await Promise.all([ownContainers(), configFolder()]);
      const { running, restored } = await readLeavers(declares, containers);
      return [...predecessorsOf(spec, running, digest), ...restoredTo(spec, restored, folder)];
    },
    async find(world, { spec, known: given }) {
      const [known, containers] = await Promise.all([given ?? writing(world), ownContainers()]);
      const specOf = (service: string) => (service === world.service ? spec : known.declared.get(service)?.spec);
      const waitsFor = await readWaits(known, containers);
      const waits = waitsFor({ specOf, neededBy: (service) => Object.keys(specOf(service)?.depends_on ?? {}) });
      const exchange = exchangeOf(world.service, waits);
      const recordOf = (service: string) => known.declared.get(service)?.record ?? null;
      const departures = exchange.others.map((service) =>
        departureOf({
          record: recordOf(service),
          containers: containers.filter(({ kedge }) => kedge?.service === service),
          replicas: known.declared.get(service)?.spec?.service.replicas ?? 1,
          now: world.now,
        }),
      );
      const stuck = exchange.others.filter((service, index) => departures[index] === 'stuck' && !isMoving(recordOf(service)));
      return { ...exchange, departures, stuck: stuck.flatMap((service) => stuckWords(service, recordOf(service)) ?? [])[0] ?? null };
    },
  };
}

/** One that must not run beside it does not keep it: that waits for it. */
function heirsAwaitedBy(
  { record, endpoints }: Leaver,
  declared: Writing['declared'],
  endpointsOf: (service: string) => EndpointsEntry | null,
): readonly string[] {
  const routes = endpoints ? allRoutes(endpoints) : [];
  return [...declared].flatMap(([name, { spec }]) => {
    if (!spec || excludeEachOther(spec, record?.serving?.spec)) return [];
    const own = endpointsOf(name);
    return routes.some((route) => claims(spec, route) && !servesRoute({ endpoints: own }, route)) ? [name] : [];
  });
}
