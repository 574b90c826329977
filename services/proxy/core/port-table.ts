import type { EndpointsEntry } from '@kedge/shared/contracts';
import { hostOfAuthority } from './host-name.ts';
import type { RoutedService } from './route-table.ts';

/** A port of the host on which connections, or datagrams, are taken for a service. */
export interface PortRoute {
  /** Names the port among all of a table. */
  readonly key: string;
  readonly host: number;
  readonly protocol: 'tcp' | 'udp';
  /** Null: on all addresses that the proxy listens on. */
  readonly hostIp: string | null;
  readonly service: RoutedService;
  /** Where its containers listen; null: each where its target says. */
  readonly container: number | null;
  /** After so long without a byte, in either direction, a connection ends, and a client of UDP is forgotten. */
  readonly idleMs: number;
  /** Whose certificate clients are shown, who speak TLS then; null: they do not. */
  readonly tlsHost: string | null;
  /** What containers are told of the client first; null for nothing. */
  readonly proxyProtocol: ProxyProtocol | null;
}

/** Versions of https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt */
export type ProxyProtocol = 'v1' | 'v2';

/** The ports that an entry declares, those left out that this version cannot serve as they are meant. */
export function portRoutes({ ports = [] }: Pick<EndpointsEntry, 'ports'>, service: RoutedService): readonly PortRoute[] {
  return ports.flatMap(({ host, host_ip = null, container = null, protocol = 'tcp', idle_ms, tls_host, proxy_protocol = null }) => {
    if (protocol !== 'tcp' && protocol !== 'udp') return [];
    if (proxy_protocol !== null && proxy_protocol !== 'v1' && proxy_protocol !== 'v2') return [];
    const tlsHost = tls_host === undefined ? null : hostOfAuthority(tls_host);
    // In the open nobody wanted it.
    if (tlsHost === null && tls_host !== undefined) return [];
    const key = `${host_ip ?? '*'} ${host}${protocol === 'udp' ? '/udp' : ''}`;
    return [{ key, host, protocol, hostIp: host_ip, service, container, idleMs: idle_ms, tlsHost, proxyProtocol: proxy_protocol }];
  });
}
