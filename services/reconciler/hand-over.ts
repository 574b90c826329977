import type { Bus } from '@kedge/shared/bus';
import { allRoutes, releaseName, routingOf, type ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { hasRoute } from './core/endpoints.ts';
import { type PendingHandOver, pendingHandOver } from './core/hand-over.ts';
import { awaitedRoutes, type Heir, lentRoutes, takenRoutes } from './core/moving-routes.ts';
import { takesOnlyPlaceOf, takesPlaceOf } from './core/predecessors.ts';
import { firstStart, isUp } from './core/sort-containers.ts';
import type { RouteTable } from './core/step.ts';
import type { MoveFinder, Situation } from './find-moves.ts';
import type { SuccessorFinder } from './find-successors.ts';
import type { World } from './observe-service.ts';
import type { ObservedContainer } from './ports.ts';
import type { DeclaredReader } from './read-declared.ts';
import type { Stores } from './stores.ts';
import { worldMoved } from './write-record.ts';

interface HandOverPorts {
  readonly bus: Bus;
  readonly stores: Pick<Stores, 'endpoints' | 'releases'>;
  readonly declared: DeclaredReader;
  readonly moves: Pick<MoveFinder, 'situation'>;
  readonly successors: Pick<SuccessorFinder, 'unprepared' | 'readiness'>;
  readonly wake: (service: ServiceName) => void;
}

/** What is known of a service that is declared no more. */
type Leaving = Pick<World, 'service' | 'key' | 'manifest' | 'record' | 'endpoints' | 'containers'>;

/** Those that are to have the place of a service which is declared no more. */
export interface Heirs {
  /** One of them has what only one can have: it runs as it is declared now. */
  readonly areInPlace: boolean;
  /** One of them never served there, and is not about to have the place. */
  readonly areComing: boolean;
}

/** Nobody is to have it. */
export const noHeirs: Heirs = { areInPlace: false, areComing: false };

/** Routes that move from one service to another. */
export interface HandOvers {
  /**
   * What keeps the service of this world from leaving; it is woken when another one has other endpoints. Null: it may leave. Rejects with
   * RetryableError WORLD_MOVED while the configuration is being written.
   */
  pending(world: World): Promise<PendingHandOver | null>;
  /** The same for whoever only wants to know: it never rejects for what is being written. */
  find(leaving: Leaving): Promise<PendingHandOver | null>;
  /**
   * Who is to have a place that the service had when it served: what a rollout stopped there may have to come back before it leaves. Rejects like
   * `pending`.
   */
  heirs(leaving: Leaving): Promise<Heirs>;
  /**
   * The routes that a service which stays still answers for another one that does not serve them yet; it is woken when that has other
   * endpoints. Rejects like `pending`.
   */
  lent(world: World, mode: 'rollout' | 'maintain' | 'restore'): Promise<RouteTable['routes']>;
  /** Of these and of those in its table: what another service has taken over, and serves. Rejects like `pending`. */
  taken(world: World, own: RouteTable['routes']): Promise<RouteTable['routes']>;
  /**
   * The routes of a service that leaves which another one takes over, and can only serve when this one is gone; it is woken when that has other
   * endpoints. Rejects like `pending`.
   */
  awaited(world: World): Promise<RouteTable['routes']>;
  /** The proxies were told of other endpoints of a service: whoever waits for its heir looks again. */
  written(service: ServiceName): void;
}

/** Who waits for whom is known to this process alone. */
export function createHandOvers({ bus, stores, declared, moves, successors, wake }: HandOverPorts): HandOvers {
  /** Lost with the process, whose first look is at everything. */
  const waiting = new Set<ServiceName>();

  async function heirsAmong(specs: ReadonlyMap<ServiceName, ServiceSpec>): Promise<readonly Heir[]> {
    const endpoints = await stores.endpoints.readAll(bus.node);
    return [...specs].map(([service, spec]) => ({ service, spec, endpoints: endpoints.get(serviceKey(bus.node, service))?.value ?? null }));
  }

  const allDeclared = async (world: Leaving) => await heirsAmong(await declared.all(world));

  /**
   * What a service served at that moment; undefined where nobody knows, and for one that was about to leave, or gone: what it was last stays in the
   * history of its record.
   */
  async function servedAt(service: string, at: number): Promise<ServiceSpec | undefined> {
    const written = await stores.releases.history(serviceKey(bus.node, service as ServiceName));
    const known = written.findLast(({ writtenAt }) => writtenAt.getTime() <= at)?.value;
    return known?.leavingSince === undefined && known?.goneAt === undefined ? known?.serving?.spec : undefined;
  }

  /** Situation and heirs are read where they count. */
  async function look(leaving: Leaving, readDeclared: () => Promise<readonly Heir[]>): Promise<PendingHandOver | null> {
    const isStanding = leaving.record?.value.leavingSince === undefined && leaving.containers.some(isUp);
    const answers = hasRoutes(leaving);
    if (!answers && !isStanding) return null;
    const declared = answers ? await readDeclared() : null;
    const situation = await moves.situation(leaving);
    const pending = declared && pendingTo(leaving, declared, situation);
    // What has begun to leave goes, whatever becomes of its heir: what ran has ended, or is about to.
    return pending ?? (isStanding ? await successors.unprepared(leaving, situation) : null);
  }

  return {
    async pending(world) {
      const { service } = world;
      // Noted before anything is read, so that no change in between is missed.
      waiting.add(service);
      const found = await look(world, async () => await allDeclared(world));
      if (!found) waiting.delete(service);
      return found;
    },
    async heirs(leaving) {
      const { serving, rollout } = leaving.record?.value ?? {};
      const served = serving?.spec;
      if (!served) return noHeirs;
      const situation = await moves.situation(leaving);
      const { declared: known, configFolder } = situation.writing;
      if ([...known.values()].some(({ spec }) => spec === null)) throw worldMoved(leaving.key);
      const looked = [...known].map(async ([service, { spec, record }]): Promise<Heirs> => {
        if (!spec || !takesPlaceOf(spec, served, configFolder)) return noHeirs;
        const before = record?.serving;
        const wasElsewhere = !before || (before.spec !== undefined && !takesPlaceOf(before.spec, served, configFolder));
        // Who shares a route alone takes the place when it serves, and not before.
        if (!takesOnlyPlaceOf(spec, served, configFolder)) return { areInPlace: false, areComing: wasElsewhere };
        const own = situation.containers.filter((each) => each.kedge?.service === service && runsAs(spec, each));
        const stoppedAt = rollout?.stopsSince === undefined ? 0 : Date.parse(rollout.stopsSince);
        const then = await servedAt(service, stoppedAt);
        // Who had it beside what served, before that was stopped, shares it on purpose.
        if (then && takesPlaceOf(then, served, configFolder)) return noHeirs;
        return {
          areInPlace: own.some((each) => firstStart(each) >= stoppedAt),
          areComing: wasElsewhere && (await successors.readiness(service, situation)) === 'coming',
        };
      });
      const found = await Promise.all(looked);
      return { areInPlace: found.some(({ areInPlace }) => areInPlace), areComing: found.some(({ areComing }) => areComing) };
    },
    async lent(world, mode) {
      const { service, spec, endpoints, record } = world;
      if (!spec || !givesUpRoutes(world)) {
        waiting.delete(service);
        return [];
      }
      waiting.add(service);
      const lent = lentRoutes({
        service,
        spec,
        replaced: mode === 'rollout' && record?.value.serving ? (record.value.serving.spec ?? 'unknown') : null,
        endpoints: endpoints?.value ?? null,
        declared: await allDeclared(world),
      });
      if (lent.length === 0) waiting.delete(service);
      return lent;
    },
    async taken(world, own) {
      const { service, spec, endpoints } = world;
      const routes = [...own, ...(endpoints ? allRoutes(endpoints.value) : [])];
      const declaredOwn = (spec && routingOf(spec)?.routes) ?? [];
      if (!spec || routes.every((route) => hasRoute(declaredOwn, route))) return [];
      return takenRoutes(routes, { service, spec, declared: await allDeclared(world) });
    },
    async awaited(world) {
      const { service, endpoints } = world;
      waiting.add(service);
      const known = endpoints?.value ?? null;
      const awaited = known && awaitedRoutes({ service, endpoints: known, declared: await allDeclared(world) });
      if (!awaited?.length) waiting.delete(service);
      return awaited ?? [];
    },
    async find(leaving) {
      return await look(leaving, async () => await heirsAmong(await declared.settled(leaving)));
    },
    written(service) {
      for (const leaving of waiting) if (leaving !== service) wake(leaving);
    },
  };
}

/** Of what it was before it may not have the place yet. */
function runsAs(spec: ServiceSpec, container: ObservedContainer): boolean {
  const { kedge } = container;
  return isUp(container) && kedge !== null && kedge.release === releaseName(spec, kedge.digest);
}

function pendingTo(leaving: Leaving, declared: readonly Heir[], { aheadOf }: Situation): PendingHandOver | null {
  const { service, record, endpoints, containers } = leaving;
  const known = { record: record?.value ?? null, endpoints: endpoints?.value ?? null, containers };
  return pendingHandOver({ ...known, declared, waitsForIt: (heir) => aheadOf(heir).has(service) });
}

function hasRoutes({ endpoints, containers }: Leaving): boolean {
  return endpoints !== null && allRoutes(endpoints.value).length > 0 && containers.length > 0;
}

/** Its table has a route that it declares no more. */
function givesUpRoutes({ spec, endpoints }: World): boolean {
  const own = (spec && routingOf(spec)?.routes) ?? [];
  return (endpoints ? allRoutes(endpoints.value) : []).some((route) => !hasRoute(own, route));
}
