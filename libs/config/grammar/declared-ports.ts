import type { ServiceSpec } from '@kedge/shared/contracts';
import { firstHost } from './route.ts';
import type { ServiceFile } from './service-file.ts';

type Declared = NonNullable<ServiceFile['port']>;

/** `[[port]]` as the spec has it: what the proxy takes has another name, so that nobody publishes it who does not know that. */
export function portsOf(declared: Declared, proxy: ServiceFile['proxy']): Pick<ServiceSpec, 'port' | 'proxied_port'> {
  const published = declared
    .filter(({ via }) => via !== 'proxy')
    .map(({ via: _via, tls: _tls, idle_timeout: _idle, proxy_protocol: _told, ...port }) => port);
  const proxied = declared
    .filter(({ via }) => via === 'proxy')
    .map(({ via: _via, protocol, tls = false, ...port }) => {
      const host = tls === true ? firstHost(proxy) : tls;
      return { ...port, ...(protocol === 'udp' && { protocol }), ...(typeof host === 'string' && { tls_host: host }) };
    });
  return {
    ...(published.length > 0 || proxied.length === 0 ? { port: published } : {}),
    ...(proxied.length > 0 && { proxied_port: proxied }),
  };
}
