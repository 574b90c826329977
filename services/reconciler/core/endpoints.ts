import { allRoutes, type EndpointPort, type EndpointsEntry, type Route } from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import type { HostPort } from '../ports.ts';
import type { RouteTable } from './step.ts';

/** Host and path in one, as people read it. */
export function routeText({ host, path }: Route): string {
  return `${host}${path}`;
}

/** Requests for one are requests for the other. */
export function sameRoute(one: Route, other: Route): boolean {
  return one.host === other.host && one.path === other.path;
}

/** Requests for this one are requests for one of those. */
export function hasRoute(routes: readonly Route[], route: Route): boolean {
  return routes.some((each) => sameRoute(each, route));
}

/** Of a service that nobody is sent to. */
export const emptyTable: RouteTable = { routes: [], targets: [], hold: false };

/** The table that an entry holds; empty when there is no entry. */
export function tableOf(entry: EndpointsEntry | null): RouteTable {
  if (!entry) return emptyTable;
  return { routes: allRoutes(entry), ...besideRoutes(entry), targets: entry.targets, hold: entry.hold ?? false };
}

type Beside = Pick<RouteTable, 'ports' | 'balancing'>;

/** What a table has beside its routes and targets: ports and balancing, each absent where there is none. */
export function besideRoutes({ ports = [], balancing }: Beside | Pick<EndpointsEntry, 'ports' | 'balancing'>): Beside {
  return { ...(ports.length > 0 && { ports }), ...(balancing && { balancing }) };
}

/** Somebody outside is let in by it, by requests or by connections. */
export function leadsSomewhere({
  routes,
  ports = [],
}: Pick<RouteTable, 'routes' | 'ports'> | Pick<EndpointsEntry, 'routes' | 'ports'>): boolean {
  return routes.length > 0 || ports.length > 0;
}

/** As containers publish it; a proxy listens on every address where none is named. */
export function hostPortOf({ host, host_ip = '0.0.0.0', protocol }: EndpointPort): HostPort {
  return { host, hostIp: host_ip, protocol: protocol === 'udp' ? 'udp' : 'tcp' };
}

/** True when proxies would do the same with both; the order of routes and targets does not matter. */
export function sameTable(left: RouteTable, right: RouteTable): boolean {
  return sameJson(sorted(left), sorted(right));
}

function sorted({ routes, ports = [], balancing, targets, hold }: RouteTable): RouteTable {
  return {
    ...(balancing && { balancing }),
    ports: ports.toSorted((one, other) => (portText(one) < portText(other) ? -1 : 1)),
    routes: routes.toSorted((one, other) => (`${one.host}${one.path}` < `${other.host}${other.path}` ? -1 : 1)),
    hold,
    targets: targets.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

function portText({ host, host_ip = '', protocol = 'tcp' }: EndpointPort): string {
  return `${host_ip} ${host}/${protocol}`;
}
