import {
  allRoutes,
  type EndpointsEntry,
  type Route,
  type Routing,
  routingOf,
  type ServiceName,
  type ServiceSpec,
} from '@kedge/shared/contracts';
import { besideRoutes, hasRoute, leadsSomewhere } from './endpoints.ts';
import type { RouteTable } from './step.ts';

/** A service that is declared, as one sees it whose routes it may take over. */
export interface Heir {
  readonly service: ServiceName;
  readonly spec: Pick<ServiceSpec, 'service' | 'network' | 'proxy' | 'ruled_proxy'>;
  readonly endpoints: EndpointsEntry | null;
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

interface Moves {
  /** What another service has taken over, and serves. */
  readonly taken: Routing['routes'];
  /** What is answered for another service that does not serve it yet. */
  readonly lent: Routing['routes'];
  /** What proxies know of the service now. */
  readonly endpoints: EndpointsEntry | null;
}

/** The routing of a release while its routes move from one service to another; null when nothing is left of it. */
export function amidMoves(own: Routing | null, { taken, lent, endpoints }: Moves): Routing | null {
  const kept = own?.routes.filter((route) => !hasRoute(taken, route)) ?? [];
  // What is planned for may still have as its own what others know as lent.
  const routes = [...kept, ...lent.filter((route) => !hasRoute(kept, route))];
  const port = own?.port ?? endpoints?.targets[0]?.port;
  // A port moves at once, with the entry of whoever has it last.
  const routing = { routes, ...besideRoutes(own ?? {}) };
  return !leadsSomewhere(routing) || port === undefined ? null : { port, ...routing };
}

/** It declares the route. */
export function claims(spec: Lending['spec'], route: Route): boolean {
  return hasRoute(routingOf(spec)?.routes ?? [], route);
}

/** Proxies send requests for the route to it. */
export function servesRoute({ endpoints }: Pick<Heir, 'endpoints'>, route: Route): boolean {
  if (!endpoints || !hasRoute(allRoutes(endpoints), route)) return false;
  return endpoints.targets.some(({ state }) => state === 'ready');
}
