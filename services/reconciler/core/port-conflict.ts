import type { HostPort, PublishedPort } from '../ports.ts';

export type PortState = 'free' | 'taken' | 'unknown';

interface PortConflict {
  /** What the service declares. */
  readonly wanted: readonly HostPort[];
  /** What running containers have. */
  readonly published: readonly PublishedPort[];
  /** Containers of the service itself: they leave before the new one starts. */
  readonly own: ReadonlySet<string>;
  /** What the host said about each of `wanted`. */
  readonly states: readonly PortState[];
}

/** Why a container with these ports could not start now; null when nothing is known that speaks against it. */
export function portConflict({ wanted, published, own, states }: PortConflict): string | null {
  for (const [index, port] of wanted.entries()) {
    const holders = published.filter((each) => overlaps(each, port));
    const stranger = holders.find(({ container }) => !own.has(container));
    if (stranger) return portTakenMessage(port, stranger.name);
    if (holders.length === 0 && states[index] === 'taken') return portTakenMessage(port, null);
  }
  return null;
}

export function portTakenMessage({ host, protocol }: Pick<HostPort, 'host' | 'protocol'>, holder: string | null): string {
  const port = protocol === 'udp' ? `${host}/udp` : String(host);
  const by = holder === null ? 'another program' : `container ${holder}`;
  return `port ${port} of the host is taken by ${by}; free it or change [[port]] host in service.toml`;
}

/** True when both cannot be bound at the same time. */
export function overlaps(one: HostPort, other: HostPort): boolean {
  if (one.host !== other.host || one.protocol !== other.protocol) return false;
  if (isIpv6(one.hostIp) !== isIpv6(other.hostIp)) return false;
  return one.hostIp === other.hostIp || isAny(one.hostIp) || isAny(other.hostIp);
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
