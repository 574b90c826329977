import type { EndpointsEntry } from '@kedge/shared/contracts';
import type { RoutedService } from './route-table.ts';

/** A port of the host on which connections are taken for a service. */
export interface PortRoute {
  /** Names the port among all of a table. */
  readonly key: string;
  readonly host: number;
  /** Null: on all addresses that the proxy listens on. */
  readonly hostIp: string | null;
  readonly service: RoutedService;
  /** Where its containers listen; null: each where its target says. */
  readonly container: number | null;
  /** After so long without a byte, in either direction, a connection ends. */
  readonly idleMs: number;
  /** What containers are told of the client first; null for nothing. */
  readonly proxyProtocol: ProxyProtocol | null;
}

/** Versions of https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt */
export type ProxyProtocol = 'v1' | 'v2';

/** The ports that an entry declares, those left out that this version cannot serve as they are meant. */
export function portRoutes({ ports = [] }: Pick<EndpointsEntry, 'ports'>, service: RoutedService): readonly PortRoute[] {
  return ports.flatMap(({ host, host_ip = null, container = null, idle_ms, proxy_protocol = null }) => {
    if (proxy_protocol !== null && proxy_protocol !== 'v1' && proxy_protocol !== 'v2') return [];
    const key = `${host_ip ?? '*'} ${host}`;
    return [{ key, host, hostIp: host_ip, service, container, idleMs: idle_ms, proxyProtocol: proxy_protocol }];
  });
}
