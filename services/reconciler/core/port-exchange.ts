import type { HostPort, PublishedPort } from '../ports.ts';
import { overlaps } from './port-conflict.ts';

interface PortExchange {
  readonly service: string;
  /** The ports that each declared service wants. */
  readonly wants: ReadonlyMap<string, readonly HostPort[]>;
  /** What running containers of these services have. */
  readonly published: readonly PublishedPort[];
}

/**
 * The services that exchange ports with this one in a ring, each waiting for what the next one still has; empty when there is no such
 * ring, and when another one of it gives way first: the first by name does.
 */
export function givesWayTo({ service, wants, published }: PortExchange): readonly string[] {
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
  const ring = [...reachable(service)].filter((other) => reachable(other).has(service));
  if (!ring.includes(service)) return [];
  const others = ring.filter((other) => other !== service);
  return others.every((other) => service < other) ? others : [];
}
