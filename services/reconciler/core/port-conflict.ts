import type { HostPort, PublishedPort } from '../ports.ts';

/** What the host itself says of a port; `unknown`: it could not be asked from here. */
export type PortState = 'free' | 'taken' | 'unknown';

interface PortQuestion {
  /** What the service declares. */
  readonly wanted: readonly HostPort[];
  /** What running containers have. */
  readonly published: readonly PublishedPort[];
  /** Containers of the service itself: they leave before the new one starts. */
  readonly own: ReadonlySet<string>;
  /** What the host said about each of `wanted`. */
  readonly states: readonly PortState[];
  /** True when whoever has the port is declared without it, or not at all: it gives it up by itself. */
  readonly isGivenUp: (held: PublishedPort) => boolean;
}

/** Why a container could not start now. `moving`: by what is declared, the port is about to be free. */
export interface PortConflict {
  readonly kind: 'taken' | 'moving';
  readonly message: string;
}

/** Why a container with these ports could not start now; null when nothing is known that speaks against it. */
export function portConflict({ wanted, published, own, states, isGivenUp }: PortQuestion): PortConflict | null {
  const conflicts = wanted.flatMap((port, index): PortConflict[] => {
    const holders = published.filter((each) => overlaps(each, port));
    const strangers = holders.filter(({ container }) => !own.has(container));
    const stays = strangers.find((held) => !isGivenUp(held));
    if (stays) return [{ kind: 'taken', message: portTakenMessage(port, stays.name) }];
    const [leaves] = strangers;
    if (leaves) {
      const holder = leaves.owner?.service ?? `container ${leaves.name}`;
      return [{ kind: 'moving', message: `port ${nameOf(port)} of the host moves here; ${holder} gives it up first` }];
    }
    return holders.length === 0 && states[index] === 'taken' ? [{ kind: 'taken', message: portTakenMessage(port, null) }] : [];
  });
  return conflicts.find(({ kind }) => kind === 'taken') ?? conflicts[0] ?? null;
}

/** `holder`: name of the container that has it; null when nobody knows who does. */
export function portTakenMessage(port: Pick<HostPort, 'host' | 'protocol'>, holder: string | null): string {
  const by = holder === null ? 'another program' : `container ${holder}`;
  return `port ${nameOf(port)} of the host is taken by ${by}; free it or change [[port]] host in service.toml`;
}

function nameOf({ host, protocol }: Pick<HostPort, 'host' | 'protocol'>): string {
  return protocol === 'udp' ? `${host}/udp` : String(host);
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
