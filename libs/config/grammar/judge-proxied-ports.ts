import type { ConfigProblem } from '@kedge/shared/contracts';
import { firstHost } from './route.ts';
import type { ServicePart } from './service-file.ts';
import { problemAt, type TomlFile } from './template-file.ts';
import { isLeftOut } from './well-formed.ts';

/** Keys that say what the proxy does with a connection. */
const ofProxy = ['tls', 'idle_timeout', 'proxy_protocol'] as const;
/** Those of them that datagrams cannot have. */
const ofConnections = ['tls', 'proxy_protocol'] as const;

interface KeyProblem {
  readonly key: string;
  readonly message: string;
}

type ConnectionKeys = Readonly<Partial<Record<(typeof ofConnections)[number] | 'protocol', unknown>>>;

/** Ports of a service that are half the proxy's and half the host's, or half of TCP and half of UDP. */
export function judgeProxiedPorts({ port = [], proxy }: ServicePart, file: TomlFile): ConfigProblem[] {
  return port.flatMap((each, index) => {
    if (!each || isLeftOut(each, 'via')) return [];
    const tell = ({ key, message }: KeyProblem) => problemAt(file, { pointer: ['port', index, key], message });
    if (each.via === 'proxy') return [...keysOfConnections(each), ...(each.tls === true ? ownHost(proxy) : [])].map(tell);
    const message = 'needs via = "proxy": of a port that the container publishes the proxy sees nothing';
    return ofProxy.filter((key) => isSaid(each[key])).map((key) => tell({ key, message }));
  });
}

/** What a port of UDP says of connections, which it has none. */
export function keysOfConnections(port: ConnectionKeys): readonly KeyProblem[] {
  if (port.protocol !== 'udp') return [];
  return ofConnections
    .filter((key) => isSaid(port[key]))
    .map((key) => ({ key, message: 'is about connections, and protocol = "udp" has none; leave it out' }));
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== false;
}

/** A certificate is for a name. */
function ownHost(proxy: ServicePart['proxy']): KeyProblem[] {
  const host = firstHost(proxy);
  // What is wrong with those of [proxy] is told there.
  if (host === undefined && proxy !== undefined) return [];
  if (host?.includes('*') === false) return [];
  const message = 'must be the name of a host, such as "db.example.com": [proxy] names none whose certificate could be shown';
  return [{ key: 'tls', message }];
}
