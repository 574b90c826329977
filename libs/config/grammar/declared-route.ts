import type { RuledProxyTable, ServiceSpec } from '@kedge/shared/contracts';
import type { ServiceFile } from './service-file.ts';

type Declared = NonNullable<ServiceFile['proxy']>;

/** Keys of `[proxy]` beside its hosts that are no rules: they say where requests come from and go to. */
const plainKeys: ReadonlySet<string> = new Set(['path', 'service_port', 'cert_file', 'key_file'] satisfies (keyof Declared)[]);

/** `[proxy]` as the spec has it: with rules it has another name, so that nobody serves the route who does not know them; how requests are spread stands apart. */
export function routing(proxy: Declared): Pick<ServiceSpec, 'proxy' | 'ruled_proxy' | 'balancing'> {
  const { host, hosts = [], balance, hash_by, sticky, eject, retry, check, limit, ...declared } = proxy;
  const spread = Object.entries({ balance, hash_by, sticky, eject, retry, check, limit }).filter(([, value]) => value !== undefined);
  const balancing = spread.length > 0 ? { balancing: Object.fromEntries(spread) } : {};
  const all = host === undefined ? hosts : [host];
  const table: RuledProxyTable = { ...declared, host: all[0] ?? '', ...(all.length > 1 && { hosts: [...all] }) };
  return { ...(Object.keys(declared).some((key) => !plainKeys.has(key)) ? { ruled_proxy: table } : { proxy: table }), ...balancing };
}
