import type { Found } from '@kedge/shared/contracts';
import { counted } from '@kedge/shared/kernel';
import { isPrivateHost } from './private-host.ts';
import type { RouteTable } from './route-table.ts';

/** What became of looking a host up in DNS. */
export type Resolved = { readonly addresses: readonly string[] } | { readonly problem: string };

/** One of its listeners. */
export interface DoorState {
  readonly setting: 'KEDGE_HTTP_PORT' | 'KEDGE_HTTPS_PORT';
  /** Where it is meant to listen. */
  readonly wanted: number;
  /** Where it listens; null while it does not. */
  readonly port: number | null;
}

/** A port that a service declares. */
export interface ServicePortState {
  readonly service: string;
  readonly hostIp: string | null;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** Why it is not open; null when it is. */
  readonly problem: string | null;
}

interface Examined {
  readonly doors: readonly DoorState[];
  readonly ports: readonly ServicePortState[];
  /** False: the configuration has switched all of them off. */
  readonly enabled: boolean;
  /** Null until routes are known. */
  readonly strategy: RouteTable['strategy'] | null;
  /** Number of hosts with routes. */
  readonly hosts: number;
  /** Those of them that were looked up. */
  readonly resolved: ReadonlyMap<string, Resolved>;
}

/** What the proxy tells `kedge doctor`: its port, and whether the hosts of its routes have an address. */
export function examineProxy({ doors, ports, enabled, strategy, hosts, resolved }: Examined): Found[] {
  const nowhere = [...resolved].flatMap(([host, found]) => ('problem' in found ? [nowhereFinding(host, found.problem)] : []));
  return [
    ...doors.map((door) => doorFinding(door, { enabled, strategy })),
    ...ports.map((port) => portFinding(port, enabled)),
    ...nowhere,
    dnsFinding(hosts, { looked: resolved.size, unknown: nowhere.length }),
  ];
}

function doorFinding({ setting, wanted, port }: DoorState, { enabled, strategy }: Pick<Examined, 'enabled' | 'strategy'>): Found {
  const isHttps = setting === 'KEDGE_HTTPS_PORT';
  const what = isHttps ? 'https port' : 'port';
  if (port !== null) return { what, state: 'fine', message: `listens on ${port}` };
  if (!enabled) return { what, state: 'fine', message: 'closed, as the configuration says (proxy.enabled)' };
  if (isHttps && strategy === 'http-only') return { what, state: 'fine', message: 'closed, as the configuration says (proxy.strategy)' };
  const advice = `"ss -ltnp sport = :${wanted}" shows who has it; ${setting} chooses another one`;
  return { what, state: 'failed', message: `port ${wanted} cannot be listened on`, advice };
}

function portFinding({ service, hostIp, port, protocol, problem }: ServicePortState, enabled: boolean): Found {
  const isUdp = protocol === 'udp';
  const what = `port ${hostIp === null ? '' : `${hostIp} `}${port}${isUdp ? '/udp' : ''}`;
  if (problem === null) return { what, state: 'fine', message: `listens for ${service}` };
  if (!enabled) return { what, state: 'fine', message: 'closed, as the configuration says (proxy.enabled)' };
  const advice = `"ss -l${isUdp ? 'u' : 't'}np sport = :${port}" shows who has it; "host" in the [[port]] of ${service} chooses another one`;
  return { what, state: 'failed', message: `it cannot be listened on for ${service} (${problem})`, advice };
}

function nowhereFinding(host: string, problem: string): Found {
  const message = `it has a route, and DNS does not know it (${problem})`;
  const advice = isPrivateHost(host)
    ? 'no public DNS has such a name: add it to a DNS of your own, or to the hosts file (/etc/hosts) of whoever asks for it, with an address of this machine'
    : 'make an A or AAAA record that leads to this machine';
  return { what: `host ${host}`, state: 'warning', message, advice };
}

function dnsFinding(hosts: number, { looked, unknown }: { readonly looked: number; readonly unknown: number }): Found {
  const message = `${counted(hosts, 'host')} with routes, ${looked} looked up, ${looked - unknown} known`;
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
