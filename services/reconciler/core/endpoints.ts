import {
  allRoutes,
  type EndpointPort,
  type EndpointsEntry,
  proxyOf,
  type Route,
  type RouteRules,
  type ServiceSpec,
} from '@kedge/shared/contracts';
import { parseDurationMs, sameJson } from '@kedge/shared/kernel';
import { rulesOf } from './route-rules.ts';
import type { RouteTable } from './step.ts';

/** Where requests for a service come from, and on which port its containers answer. */
export interface Routing {
  readonly routes: RouteTable['routes'];
  readonly port: number;
  /** Where proxies take connections for it; absent for none. */
  readonly ports?: readonly EndpointPort[];
}

/** As long as most servers of long connections keep one. */
const defaultIdle = '1h';

/** The routing that a spec declares; null without `[proxy]` and without a port that the proxy takes. */
export function routingOf(spec: Pick<ServiceSpec, 'proxy' | 'ruled_proxy' | 'proxied_port'>): Routing | null {
  const proxy = proxyOf(spec);
  const ports = portsOf(spec);
  const [first] = ports;
  // Its targets have a port all the same: that of the first.
  if (!proxy) return first ? { routes: [], port: first.container, ports } : null;
  const { host, hosts = [host], redirect_from = [], service_port } = proxy;
  const path = normalisePath(proxy.path ?? '/');
  const rules = rulesOf(proxy);
  const redirect = { to: normaliseHost(host), permanent: proxy.redirect !== 'temporary' };
  const routes = [
    ...hosts.map((each) => ({ host: normaliseHost(each), path, ...(rules && { rules }) })),
    ...redirect_from.map((each) => ({ host: normaliseHost(each), path, rules: { redirect } satisfies RouteRules })),
  ];
  return { routes, port: service_port, ...(first && { ports }) };
}

function portsOf({ proxied_port = [] }: Pick<ServiceSpec, 'proxied_port'>): readonly EndpointPort[] {
  return proxied_port.map(({ idle_timeout = defaultIdle, ...port }) => ({ ...port, idle_ms: parseDurationMs(idle_timeout) }));
}

/** Lower case, without port and trailing dot, as requests are compared with it. */
export function normaliseHost(host: string): string {
  return host.trim().toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

/** Begins with `/` and ends with none, except `/` itself. Further ones at its beginning are part of it, as they are in requests. */
export function normalisePath(path: string): string {
  const trimmed = path.trim();
  let end = trimmed.length;
  while (trimmed[end - 1] === '/') end -= 1;
  return trimmed.startsWith('/') && end > 0 ? trimmed.slice(0, end) : `/${trimmed.slice(0, end)}`;
}

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
  return { routes: allRoutes(entry), ...portsIn(entry), targets: entry.targets, hold: entry.hold ?? false };
}

/** The ports alone, absent where there are none. */
export function portsIn({ ports = [] }: Pick<RouteTable, 'ports'> | Pick<EndpointsEntry, 'ports'>): Pick<RouteTable, 'ports'> {
  return ports.length > 0 ? { ports } : {};
}

/** Somebody outside is let in by it, by requests or by connections. */
export function leadsSomewhere({
  routes,
  ports = [],
}: Pick<RouteTable, 'routes' | 'ports'> | Pick<EndpointsEntry, 'routes' | 'ports'>): boolean {
  return routes.length > 0 || ports.length > 0;
}

/** True when proxies would do the same with both; the order of routes and targets does not matter. */
export function sameTable(left: RouteTable, right: RouteTable): boolean {
  return sameJson(sorted(left), sorted(right));
}

function sorted({ routes, ports = [], targets, hold }: RouteTable): RouteTable {
  return {
    ports: ports.toSorted((one, other) => (portText(one) < portText(other) ? -1 : 1)),
    routes: routes.toSorted((one, other) => (`${one.host}${one.path}` < `${other.host}${other.path}` ? -1 : 1)),
    hold,
    targets: targets.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

function portText({ host, host_ip = '' }: EndpointPort): string {
  return `${host_ip} ${host}`;
}
