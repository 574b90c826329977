import type { ServiceSpec } from '@kedge/shared/contracts';
import type { ServiceFile } from './service-file.ts';

type Declared = NonNullable<ServiceFile['port']>;

/** `[[port]]` as the spec has it: what the proxy takes has another name, so that nobody publishes it who does not know that. */
export function portsOf(declared: Declared): Pick<ServiceSpec, 'port' | 'proxied_port'> {
  const published = declared
    .filter(({ via }) => via !== 'proxy')
    .map(({ via: _via, idle_timeout: _idle, proxy_protocol: _told, ...port }) => port);
  const proxied = declared.filter(({ via }) => via === 'proxy').map(({ via: _via, protocol: _protocol, ...port }) => port);
  return {
    ...(published.length > 0 || proxied.length === 0 ? { port: published } : {}),
    ...(proxied.length > 0 && { proxied_port: proxied }),
  };
}
