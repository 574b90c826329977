import { parseDurationMs } from '../kernel/index.ts';
import type { Balancing } from './balancing.ts';
import { balancingOf } from './declared-balancing.ts';
import { rulesOf } from './declared-rules.ts';
import type { EndpointPort, Route } from './endpoints.ts';
import type { RouteRules } from './route-rules.ts';
import { proxyOf, type ServiceSpec } from './service-spec.ts';

/** Where requests for a service come from, and on which port its containers answer. */
export interface Routing {
  readonly routes: readonly Route[];
  readonly port: number;
  /** Where proxies take connections for it; absent for none. */
  readonly ports?: readonly EndpointPort[];
  /** How requests are spread; absent: in turn. */
  readonly balancing?: Balancing;
}

/** As long as most servers of long connections keep one. */
const connectionIdle = '1h';
/** Of what has no end that anybody could see. */
const datagramIdle = '1m';

/** The routing that a spec declares; null without `[proxy]` and without a port that the proxy takes. */
export function routingOf(spec: Pick<ServiceSpec, 'proxy' | 'ruled_proxy' | 'proxied_port' | 'balancing'>): Routing | null {
  const proxy = proxyOf(spec);
  const ports = portsOf(spec);
  const [first] = ports;
  const balancing = balancingOf(spec.balancing);
  const beside = { ...(first && { ports }), ...(balancing && { balancing }) };
  // Its targets have a port all the same: that of the first.
  if (!proxy) return first ? { routes: [], port: first.container, ...beside } : null;
  const { host, hosts = [host], redirect_from = [], service_port } = proxy;
  const path = normalisePath(proxy.path ?? '/');
  const rules = rulesOf(proxy);
  const redirect = { to: normaliseHost(host), permanent: proxy.redirect !== 'temporary' };
  const routes = [
    ...hosts.map((each) => ({ host: normaliseHost(each), path, ...(rules && { rules }) })),
    ...redirect_from.map((each) => ({ host: normaliseHost(each), path, rules: { redirect } satisfies RouteRules })),
  ];
  return { routes, port: service_port, ...beside };
}

function portsOf({ proxied_port = [] }: Pick<ServiceSpec, 'proxied_port'>): readonly (EndpointPort & { readonly container: number })[] {
  return proxied_port.map(({ idle_timeout, ...port }) => ({ ...port, idle_ms: idleMsOf({ ...port, idle_timeout }) }));
}

/** How long a port keeps what is silent, in milliseconds. */
export function idleMsOf({
  protocol,
  idle_timeout,
}: {
  readonly protocol?: 'tcp' | 'udp' | undefined;
  readonly idle_timeout?: string | undefined;
}): number {
  return parseDurationMs(idle_timeout ?? (protocol === 'udp' ? datagramIdle : connectionIdle));
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
