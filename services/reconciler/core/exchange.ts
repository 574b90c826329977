import type { ReleaseRecord } from '@kedge/shared/contracts';
import type { HostPort, ObservedContainer, PublishedPort } from '../ports.ts';
import { makesRoom } from './plan-arrival.ts';
import { overlaps } from './port-conflict.ts';
import type { Step } from './step.ts';

/** Who has to move before a service can have its place. */
export interface Exchange {
  /** Those that have what it needs, those that have what they need, and so on. */
  readonly others: readonly string[];
  /** Those of them that wait for the service themselves. */
  readonly ring: readonly string[];
  /** True when they wait for each other in a ring, and this service moves first: the first by name does. */
  readonly givesWay: boolean;
}

/** Follows who has what whom needs, however long the chain is. `inTheWay` tells who has what a service needs. */
export function exchangeOf(service: string, inTheWay: (waiting: string) => readonly string[]): Exchange {
  const reachable = (from: string) => {
    const found = new Set<string>();
    const ahead = [...inTheWay(from)];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      ahead.push(...inTheWay(next));
    }
    return found;
  };
  const others = [...reachable(service)].filter((other) => other !== service);
  const ring = others.filter((other) => reachable(other).has(service));
  return { others, ring, givesWay: ring.length > 0 && ring.every((other) => service < other) };
}

interface PortsWanted {
  readonly waiting: string;
  readonly ports: readonly HostPort[];
  /** What running containers have. */
  readonly published: readonly PublishedPort[];
}

/** The services, other than the one that waits, whose containers have its ports. */
export function portsHeldBy({ waiting, ports, published }: PortsWanted): readonly string[] {
  return published.flatMap(({ owner, ...held }) =>
    owner && owner.service !== waiting && ports.some((port) => overlaps(port, held)) ? [owner.service] : [],
  );
}

interface Departure {
  readonly record: Pick<ReleaseRecord, 'rollout' | 'waiting'> | null;
  /** Those of the service. */
  readonly containers: readonly ObservedContainer[];
  readonly replicas: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** What a service waits for that another one has. */
const moving: ReadonlySet<string> = new Set(['PORT_MOVING', 'VOLUME_IN_USE']);

/**
 * How far a service is with the rollout that gives its place up. `prepared`: it has made what it will start, and needs nothing but its
 * place. `coming`: it is about to be. `stuck`: nothing is under way, or an obstacle is in its way, so nobody shall stop anything for it.
 */
export function departureOf({ record, containers, replicas, now }: Departure): 'prepared' | 'coming' | 'stuck' {
  const { rollout, waiting } = record ?? {};
  if (!rollout) return 'stuck';
  if (waiting && Date.parse(waiting.retryAt) > now) return moving.has(waiting.code) ? 'coming' : 'stuck';
  const made = containers.filter(({ kedge }) => kedge?.release === rollout.release);
  return made.length >= replicas ? 'prepared' : 'coming';
}

interface Turn {
  readonly steps: readonly Step[];
  /** Those of the service. */
  readonly containers: readonly ObservedContainer[];
  readonly givesWay: boolean;
  readonly departures: readonly ReturnType<typeof departureOf>[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Who gave way in an exchange waits so long for the others, in milliseconds, before it takes its old place back. */
const exchangeMs = 60_000;

/**
 * Whether a service may take these steps while others have its place. `go`: containers may be made for it when everybody else moves, and who
 * gives way may stop what it has, or let requests wait. `wait`: it is on the way. `obstacle`: somebody is stuck, or was waited for too long.
 */
export function turnOf({ steps, containers, givesWay, departures, now }: Turn): 'go' | 'wait' | 'obstacle' {
  if (departures.includes('stuck')) return 'obstacle';
  const isFirst = givesWay && !departures.includes('coming');
  const starts = steps.some(({ kind }) => kind === 'start');
  if (!starts && (isFirst || !steps.some(makesRoom))) return 'go';
  const stoppedAt = Math.max(0, ...containers.map(({ finishedAt }) => finishedAt?.getTime() ?? 0));
  const isStopped = stoppedAt > 0 && !containers.some(({ state }) => state === 'running');
  return isStopped && now - stoppedAt >= exchangeMs ? 'obstacle' : 'wait';
}
