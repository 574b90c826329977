import type { EndpointsEntry, ServiceSpec } from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import type { RouteTable } from './step.ts';

/** Where requests for a service come from, and on which port its containers answer. */
export interface Routing {
  readonly routes: RouteTable['routes'];
  readonly port: number;
}

/** The routing that a spec declares; null without `[proxy]`. */
export function routingOf(spec: Pick<ServiceSpec, 'proxy'>): Routing | null {
  if (!spec.proxy) return null;
  const { host, hosts = [host], path = '/', service_port } = spec.proxy;
  return { routes: hosts.map((each) => ({ host: normaliseHost(each), path: normalisePath(path) })), port: service_port };
}

/** Lower case, without port and trailing dot, as requests are compared with it. */
export function normaliseHost(host: string): string {
  return host.trim().toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

/** Begins with `/` and ends with none, except `/` itself. Further ones at its beginning are part of it, as they are in requests. */
export function normalisePath(path: string): string {
  const trimmed = path.trim().replace(/\/+$/, '');
  return trimmed.startsWith('/') ? trimmed : `/${trimmed}`;
}

/** Of a service that nobody is sent to. */
export const emptyTable: RouteTable = { routes: [], targets: [], hold: false };

/** The table that an entry holds; empty when there is no entry. */
export function tableOf(entry: EndpointsEntry | null): RouteTable {
  return entry ? { routes: entry.routes, targets: entry.targets, hold: entry.hold ?? false } : emptyTable;
}

/** True when proxies would do the same with both; the order of targets does not matter. */
export function sameTable(left: RouteTable, right: RouteTable): boolean {
  return sameJson(sorted(left), sorted(right));
}

function sorted({ routes, targets, hold }: RouteTable): RouteTable {
  return { routes, hold, targets: targets.toSorted((one, other) => (one.id < other.id ? -1 : 1)) };
}
