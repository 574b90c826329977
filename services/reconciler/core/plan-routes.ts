import type { EndpointPort, Target } from '@kedge/shared/contracts';
import { isProven } from './drain-proof.ts';
import { besideRoutes, hasRoute, hostPortOf, leadsSomewhere, sameTable, tableOf } from './endpoints.ts';
import { holdsWhileRestoring } from './plan-hold.ts';
import type { PlanState } from './plan-release.ts';
import { overlaps } from './port-conflict.ts';
import { isReadyIn, isUp } from './sort-containers.ts';
import type { RouteTable, Step } from './step.ts';

/** Brings the table of the proxies to what the containers allow now. */
export function planRoutes(state: PlanState): Step[] {
  const current = tableOf(state.endpoints);
  const wanted = wantedTable(state, current);
  if (wanted === 'none' && state.endpoints && mayForget(state)) return [{ kind: 'unroute' }];
  if (wanted && wanted !== 'none' && !sameTable(current, wanted)) {
    const route = { kind: 'route', table: wanted, reason: reasonOf(current, wanted) } as const;
    return [isHolding(state) && !current.hold ? { ...route, makesRoom: true } : route];
  }
  // The note follows the table, so that a crash in between leaves a switch without a time rather than a time without a switch.
  return state.mode === 'rollout' && state.complete && state.switchedAt === null ? [{ kind: 'switched' }] : [];
}

/** Of a service that nobody is led to. */
const nowhere: Pick<RouteTable, 'routes' | 'ports' | 'balancing'> = { routes: [] };

/** Null: leave it alone. `none`: there shall be no entry. */
function wantedTable(state: PlanState, current: RouteTable): RouteTable | 'none' | null {
  const { endpoints, complete, carrying, mode, routing, specIsWanted } = state;
  const moves = complete || carrying.length === 0;
  const port = routing?.port ?? endpoints?.targets[0]?.port ?? null;
  const routesNow = current.routes.filter((route) => !hasRoute(state.taken, route));
  const upTargets = current.targets.filter(({ id }) => state.containers.some((container) => container.id === id && isUp(container)));

  if (isHolding(state)) {
    const beside = besideRoutes({ ...current, ports: withoutPublished(current.ports ?? [], state) });
    return endpoints && { routes: routesNow, ...beside, targets: upTargets.map(toDraining), hold: true };
  }
  if (!moves) {
    // Old and wanted side by side: nothing is taken away, and in a rollout nothing is added before all are fit.
    const added = mode === 'rollout' ? [] : readyTargets(state, port);
    return endpoints && { ...current, targets: merge(upTargets, added), hold: false };
  }

  const { routes, ...rest } = specIsWanted ? (routing ?? nowhere) : current;
  const beside = besideRoutes(rest);
  const ready = specIsWanted && !routing ? [] : readyTargets(state, port);
  const draining = upTargets.filter(({ id }) => !ready.some((target) => target.id === id)).map(toDraining);
  if (!leadsSomewhere({ routes, ...beside })) {
    // A kept container drains too when its route is taken away; it leaves the table on the same proof as those that go.
    const remaining = isDrained(state) ? draining.filter(({ id }) => state.leaving.some((container) => container.id === id)) : draining;
    return remaining.length === 0 && current.targets.length === 0 ? 'none' : { routes, targets: remaining, hold: false };
  }
  if (!endpoints && ready.length === 0) return null;
  return { routes, ...beside, targets: [...ready, ...draining], hold: ready.length === 0 && holds(state) };
}

/** What the new containers publish themselves, proxies give up before those start. */
function withoutPublished(ports: readonly EndpointPort[], { published }: PlanState): EndpointPort[] {
  return ports.filter((port) => !published.some((each) => overlaps(each, hostPortOf(port))));
}

function isDrained(state: PlanState): boolean {
  return state.proof !== null && (isProven(state.proof) || isOverdue(state));
}

/** Every proxy that lives knows the empty table, or had its time: who never read it would send requests to nobody for as long as it lives. */
function mayForget(state: PlanState): boolean {
  return state.proof?.applied !== false || isOverdue(state);
}

function isOverdue({ drainingSince, timings, now }: PlanState): boolean {
  return drainingSince !== null && now >= drainingSince + timings.drainMs;
}

/** An empty table that nobody may forget yet keeps its service from being done. */
export function awaitingForget({ endpoints, proof }: PlanState): Step[] {
  if (!endpoints || leadsSomewhere(tableOf(endpoints)) || endpoints.targets.length > 0 || proof?.applied !== false) return [];
  return [{ kind: 'look-again', afterMs: 250, reason: `proxies apply the empty table (${proof.waitingFor.join(', ')})` }];
}

/** Somebody is on the way. */
function holds(state: PlanState): boolean {
  return state.awaitsHeir || (state.mode === 'restore' && !state.stuck) || holdsWhileRestoring(state);
}

/** A stop-first rollout whose new containers are made but not fit yet: the proxies hold requests while nobody answers. */
function isHolding({ mode, strategy, complete, keep, replicas, serving, endpoints }: PlanState): boolean {
  return mode === 'rollout' && strategy === 'stop-first' && serving !== null && endpoints !== null && !complete && keep.length >= replicas;
}

function readyTargets({ passed, wanted, endpoints }: PlanState, port: number | null): Target[] {
  if (port === null) return [];
  return passed.flatMap((container): Target[] => {
    const { id, address } = container;
    const isRoutable = isUp(container) && (container.hasAlias || isReadyIn(endpoints, id));
    return isRoutable && address !== null ? [{ id, address, port, release: wanted, state: 'ready' }] : [];
  });
}

function merge(existing: readonly Target[], added: readonly Target[]): Target[] {
  return [...existing.filter(({ id }) => !added.some((target) => target.id === id)), ...added];
}

function toDraining(target: Target): Target {
  return { ...target, state: 'draining' };
}

function reasonOf(current: RouteTable, wanted: RouteTable): string {
  const count = (table: RouteTable, state: Target['state']) => table.targets.filter((target) => target.state === state).length;
  const parts = [
    `${count(wanted, 'ready')} ready, ${count(wanted, 'draining')} draining (was ${count(current, 'ready')}, ${count(current, 'draining')})`,
  ];
  return wanted.hold ? `${parts.join()}, requests are held` : parts.join();
}
