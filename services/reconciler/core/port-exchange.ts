import type { ReleaseRecord } from '@kedge/shared/contracts';
import type { HostPort, ObservedContainer, PublishedPort } from '../ports.ts';
import { overlaps } from './port-conflict.ts';

interface PortExchange {
  readonly service: string;
  /** The ports that each declared service wants. */
  readonly wants: ReadonlyMap<string, readonly HostPort[]>;
  /** What running containers of these services have. */
  readonly published: readonly PublishedPort[];
}

/** Who has to move before a service can have its ports. */
export interface PortMoves {
  /** Those that have its ports, those that have theirs, and so on. */
  readonly others: readonly string[];
  /** True when they wait for each other in a ring, and this service stops first: the first by name does. */
  readonly givesWay: boolean;
}

/** Follows who has what whom needs, however long the chain is. */
export function portMoves({ service, wants, published }: PortExchange): PortMoves {
  const waitsFor = (waiting: string) =>
    published.flatMap(({ owner, ...held }) => {
      if (!owner || owner.service === waiting) return [];
      return (wants.get(waiting) ?? []).some((port) => overlaps(port, held)) ? [owner.service] : [];
    });
  const reachable = (from: string) => {
    const found = new Set<string>();
    const ahead = waitsFor(from);
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      ahead.push(...waitsFor(next));
    }
    return found;
  };
  const moving = [...reachable(service)];
  const others = moving.filter((other) => other !== service);
  const ring = others.filter((other) => reachable(other).has(service));
  return { others, givesWay: ring.length > 0 && ring.every((other) => service < other) };
}

interface Departure {
  readonly record: Pick<ReleaseRecord, 'rollout' | 'waiting'> | null;
  /** Those of the service. */
  readonly containers: readonly ObservedContainer[];
  readonly replicas: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * How far a service is with the rollout that gives its port up. `prepared`: it has made what it will start, and needs nothing but its
 * ports. `coming`: it is about to be. `stuck`: nothing is under way, or an obstacle is in its way, so nobody shall stop anything for it.
 */
export function departureOf({ record, containers, replicas, now }: Departure): 'prepared' | 'coming' | 'stuck' {
  const { rollout, waiting } = record ?? {};
  if (!rollout) return 'stuck';
  if (waiting && Date.parse(waiting.retryAt) > now) return waiting.code === 'PORT_MOVING' ? 'coming' : 'stuck';
  const made = containers.filter(({ kedge }) => kedge?.release === rollout.release);
  return made.length >= replicas ? 'prepared' : 'coming';
}
