import {
  allRoutes,
  type EndpointsEntry,
  type ReleaseRecord,
  type Route,
  type ServiceName,
  type ServiceSpec,
} from '@kedge/shared/contracts';
import type { HostPort, ObservedContainer } from '../ports.ts';
import { publishedBy, writtenBy } from './desired-container.ts';
import { hasRoute, routingOf } from './endpoints.ts';
import { overlaps } from './port-conflict.ts';
import { isReadyIn, isUp } from './sort-containers.ts';
import type { RouteTable } from './step.ts';

/** A service that is declared, as the one that leaves sees it. */
export interface Heir {
  readonly service: ServiceName;
  readonly spec: Pick<ServiceSpec, 'service' | 'proxy' | 'ruled_proxy' | 'port' | 'volume'>;
  readonly endpoints: EndpointsEntry | null;
}

/** What running containers have that others cannot have, or must not have at the same time. */
export interface Held {
  /** Of the host. */
  readonly ports: readonly HostPort[];
  /** Volumes and folders of the host that they may write to. */
  readonly places: readonly string[];
}

interface HandOver {
  /** Of the service that is declared no more. */
  readonly record: Pick<ReleaseRecord, 'serving'> | null;
  readonly endpoints: EndpointsEntry | null;
  readonly containers: readonly ObservedContainer[];
  /** By its containers, as the engine tells: what keeps an heir from starting has to be the same as what ends the wait for it. */
  readonly held: Held;
  /** All services that the node declares. */
  readonly declared: readonly Heir[];
  /** Where the configuration folder lies on the host. */
  readonly configFolder: string;
}

interface Routed {
  readonly service: ServiceName;
  readonly endpoints: EndpointsEntry | null;
  /** All services that the node declares. */
  readonly declared: readonly Heir[];
}

interface Lending extends Routed {
  /** What it declares now. */
  readonly spec: Pick<ServiceSpec, 'proxy' | 'ruled_proxy'>;
  /** What the release declared that a rollout replaces: null without one; `unknown` where something else was declared when it was through. */
  readonly replaced: Pick<ServiceSpec, 'proxy' | 'ruled_proxy'> | 'unknown' | null;
}

/** Who takes a route over, and what is waited for. */
export interface PendingHandOver {
  readonly to: ServiceName;
  readonly reason: string;
}

/**
 * Null when a service that is declared no more may leave. It stays while one of its routes is declared by another service that does not
 * serve it yet: whoever asks for that route is answered all the time. What cannot answer itself keeps nobody waiting, and neither does
 * one that must not run beside its heir, which would wait for it for ever.
 */
export function pendingHandOver({ record, endpoints, containers, held, declared, configFolder }: HandOver): PendingHandOver | null {
  const serves = containers.some((container) => isUp(container) && isReadyIn(endpoints, container.id));
  if (!endpoints || !serves) return null;
  const isReplaced = record?.serving?.spec?.service.strategy === 'recreate';
  for (const route of allRoutes(endpoints)) {
    const heirs = declared.filter(({ spec }) => claims(spec, route));
    const [first] = heirs;
    // Where requests wait in any case, nobody has to stay for them.
    if (!first || route.rules?.pause || heirs.some((heir) => servesRoute(heir, route))) continue;
    if (isReplaced || heirs.some(({ spec }) => excludes(held, spec, configFolder))) continue;
    return { to: first.service, reason: `its route ${route.host}${route.path} moves to ${first.service} when that serves` };
  }
  return null;
}

/**
 * The routes of a service that it declares no more and still answers: another service declares them and does not serve them yet. Whoever asks
 * for one is answered all the time, and in an exchange of routes at every moment by one of the two. A release that is about to replace another
 * may be something else altogether, and answers for nothing that only the replaced one declared: who asks for that waits for the other service.
 */
export function lentRoutes({ spec, replaced, ...routed }: Lending): RouteTable['routes'] {
  const lent = awaitedRoutes(routed).filter((route) => !claims(spec, route));
  const ends = (route: Route) => replaced === 'unknown' || (replaced !== null && claims(replaced, route));
  return lent.map((route) => (ends(route) ? { host: route.host, path: route.path, rules: { pause: untilServed } } : route));
}

/** For whom it takes too long the proxy answers that nobody serves. As `pause` in `[proxy]` has it where nothing else is declared. */
const untilServed = { timeout_ms: 30_000, limit: 1_000 };

/** Those that the service declares no more, and that another one declares and serves: they are that one's, whatever serves here. */
export function takenRoutes(routes: RouteTable['routes'], { service, spec, declared }: Pick<Lending, 'service' | 'spec' | 'declared'>) {
  const isTaken = (route: Route) =>
    declared.some((heir) => heir.service !== service && claims(heir.spec, route) && servesRoute(heir, route));
  return routes.filter((route) => !claims(spec, route) && isTaken(route));
}

/** The routes in the table of a service that another one declares, and does not serve yet. */
export function awaitedRoutes({ service, endpoints, declared }: Routed): RouteTable['routes'] {
  return (endpoints ? allRoutes(endpoints) : []).filter((route) => {
    const heirs = declared.filter((heir) => heir.service !== service && claims(heir.spec, route));
    return heirs.length > 0 && !heirs.some((heir) => servesRoute(heir, route));
  });
}

interface Bequest {
  readonly held: Held;
  /** All services that the node declares. */
  readonly declared: readonly Pick<Heir, 'service' | 'spec'>[];
  /** What containers of other services may write to already, by service. */
  readonly shared: ReadonlyMap<string, readonly string[]>;
  /** Where the configuration folder lies on the host. */
  readonly configFolder: string;
}

/** Who can only start when a service that is declared no more is gone, in sentences: what that has is nobody's if they do not start. */
export function successorWords({ held, declared, shared, configFolder }: Bequest): string[] {
  return declared.flatMap(({ service, spec }) => {
    const ports = publishedBy(spec).filter((port) => held.ports.some((each) => overlaps(each, port)));
    const already = shared.get(service) ?? [];
    const places = writtenBy(spec, configFolder).filter((source) => held.places.includes(source) && !already.includes(source));
    const needed = [...ports.map(({ host }) => `port ${host} of the host`), ...places];
    if (needed.length === 0) return [];
    return [
      `${service} can only start when it is gone, and takes over ${needed.join(' and ')}: if ${service} does not start, nobody has that`,
    ];
  });
}

/** Its containers must not run beside those: they need the same port of the host, write to the same place, or replace what was before. */
function excludes({ ports, places }: Held, spec: Heir['spec'], configFolder: string): boolean {
  return (
    spec.service.strategy === 'recreate' ||
    publishedBy(spec).some((port) => ports.some((each) => overlaps(each, port))) ||
    writtenBy(spec, configFolder).some((source) => places.includes(source))
  );
}

function claims(spec: Lending['spec'], route: Route): boolean {
  return hasRoute(routingOf(spec)?.routes ?? [], route);
}

function servesRoute({ endpoints }: Heir, route: Route): boolean {
  if (!endpoints || !hasRoute(allRoutes(endpoints), route)) return false;
  return endpoints.targets.some(({ state }) => state === 'ready');
}
