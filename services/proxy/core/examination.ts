import type { Found } from '@kedge/shared/contracts';
import { isPrivateHost } from './private-host.ts';

/** What became of looking a host up in DNS. */
export type Resolved = { readonly addresses: readonly string[] } | { readonly problem: string };

interface Examined {
  /** Where it is meant to listen. */
  readonly wanted: number;
  /** Where it listens; null while it does not. */
  readonly port: number | null;
  /** False: the configuration has switched the listener off. */
  readonly enabled: boolean;
  /** Number of hosts with routes. */
  readonly hosts: number;
  /** Those of them that were looked up. */
  readonly resolved: ReadonlyMap<string, Resolved>;
}

/** What the proxy tells `kedge doctor`: its port, and whether the hosts of its routes have an address. */
export function examineProxy({ wanted, port, enabled, hosts, resolved }: Examined): Found[] {
  const nowhere = [...resolved].flatMap(([host, found]) => ('problem' in found ? [nowhereFinding(host, found.problem)] : []));
  return [portFinding({ wanted, port, enabled }), ...nowhere, dnsFinding(hosts, { looked: resolved.size, unknown: nowhere.length })];
}

function portFinding({ wanted, port, enabled }: Pick<Examined, 'wanted' | 'port' | 'enabled'>): Found {
  if (port !== null) return { what: 'port', state: 'fine', message: `listens on ${port}` };
  if (!enabled) return { what: 'port', state: 'fine', message: 'closed, as the configuration says (proxy.enabled)' };
  const advice = `"ss -ltnp sport = :${wanted}" shows who has it; KEDGE_HTTP_PORT chooses another one`;
  return { what: 'port', state: 'failed', message: `port ${wanted} cannot be listened on`, advice };
}

function nowhereFinding(host: string, problem: string): Found {
  const message = `it has a route, and DNS does not know it (${problem})`;
  const advice = isPrivateHost(host)
    ? 'no public DNS has such a name: add it to a DNS of your own, or to the hosts file (/etc/hosts) of whoever asks for it, with an address of this machine'
    : 'make an A or AAAA record that leads to this machine';
  return { what: `host ${host}`, state: 'warning', message, advice };
}

function dnsFinding(hosts: number, { looked, unknown }: { readonly looked: number; readonly unknown: number }): Found {
  const message = `${hosts} hosts with routes, ${looked} looked up, ${looked - unknown} known`;
  return { what: 'hosts', state: 'fine', message };
}

/** The hosts that DNS must know for others to come: no addresses, no patterns, and no names that mean this very machine. */
export function hostsToResolve(hosts: Iterable<string>): readonly string[] {
  return [...hosts]
    .filter((host) => !isAddress(host) && !host.includes('*') && host !== 'localhost' && !host.endsWith('.localhost'))
    .toSorted();
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.startsWith('[') || host.includes(':');
}
