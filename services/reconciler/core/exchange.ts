import type { ReleaseRecord } from '@kedge/shared/contracts';
import type { HostPort, ObservedContainer, PublishedPort } from '../ports.ts';
import { isLookedAtOften } from './obstacles.ts';
import { makesRoom } from './plan-arrival.ts';
import { overlaps } from './port-conflict.ts';
import type { Step } from './step.ts';

/** Who has to move before a service can have its place. */
export interface Exchange {
  /** Those that have what it needs, those that have what they need, and so on. */
  readonly others: readonly string[];
  /** Those of them that wait for the service themselves. */
  readonly ring: readonly string[];
  /** True when they wait for each other in a ring, and this service moves first: the first by name does that nobody of them depends on. */
  readonly givesWay: boolean;
  /** Somebody in the ring waits for another one of it that does not have its place: nobody can move first. */
  readonly isLocked: boolean;
}

/** Whom each service waits for, by name. */
export interface Waits {
  /** Those that have its place, or may come back to it. */
  readonly places: (waiting: string) => readonly string[];
  /** Those of them that have it now. */
  readonly taken: (waiting: string) => readonly string[];
  /** Those that have to be there first, whatever they have. */
  readonly others: (waiting: string) => readonly string[];
}

/** Follows who waits for whom, however long the chain is. */
export function exchangeOf(service: string, waits: Waits): Exchange {
  const { places, taken, others } = waits;
  const everybody = ringOf(service, inAnyWay(waits));
  const members = [service, ...everybody];
  // Who has given way already is not the next to do so, and neither is whom others of them wait for in another way.
  const holding = [service, ...ringOf(service, taken)];
  const free = holding.filter((each) => !holding.some((other) => others(other).includes(each)));
  const [first] = (free.length > 0 ? free : holding).toSorted();
  return {
    others: [...reachable(service, places)].filter((other) => other !== service),
    ring: everybody,
    givesWay: holding.length > 1 && first === service,
    isLocked: members.some((member) => others(member).some((other) => members.includes(other))),
  };
}

/** Everybody whom a service waits for, in whatever way. */
export function everybodyAhead(service: string, waits: Waits): ReadonlySet<string> {
  return reachable(service, inAnyWay(waits));
}

function inAnyWay({ places, others }: Waits): Ahead {
  return (waiting) => [...places(waiting), ...others(waiting)];
}

type Ahead = (waiting: string) => readonly string[];

/** Those that a service waits for, and that wait for it. */
function ringOf(service: string, ahead: Ahead): readonly string[] {
  return [...reachable(service, ahead)].filter((other) => other !== service && reachable(other, ahead).has(service));
}

function reachable(from: string, ahead: Ahead): ReadonlySet<string> {
  const found = new Set<string>();
  const next = [...ahead(from)];
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    next.push(...ahead(name));
  }
  return found;
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

/** A run of a job, what is repaired, and what comes up after it was taken down take nobody's place. */
export function takesOver(record: Pick<ReleaseRecord, 'rollout' | 'serving' | 'comingUp'> | null): boolean {
  const { rollout, serving, comingUp } = record ?? {};
  return rollout != null && (serving !== null || comingUp === undefined);
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
const moving: ReadonlySet<string> = new Set(['PORT_MOVING', 'VOLUME_IN_USE', 'ROUTE_MOVING']);

/** What a service waits for is with another one. */
export function isMoving(record: Pick<ReleaseRecord, 'waiting'> | null): boolean {
  return record?.waiting !== undefined && moving.has(record.waiting.code);
}

/**
 * How far a service is with the rollout that gives its place up. `prepared`: it has made what it will start, and needs nothing but its
 * place. `coming`: it is about to be. `stuck`: nothing is under way, or an obstacle is in its way, so nobody shall stop anything for it.
 */
export function departureOf({ record, containers, replicas, now }: Departure): 'prepared' | 'coming' | 'stuck' {
  const { rollout, waiting } = record ?? {};
  // What waits for another service is looked at all the time, and written once.
  if (!rollout || (waiting && isLookedAtOften(waiting.code))) return 'stuck';
  if (waiting && Date.parse(waiting.retryAt) > now) return moving.has(waiting.code) ? 'coming' : 'stuck';
  const made = containers.filter(({ kedge }) => kedge?.release === rollout.release);
  return made.length >= replicas ? 'prepared' : 'coming';
}

/** Why a service keeps what another one waits for, in a sentence; null where nothing is known that keeps it from moving. */
export function stuckWords(service: string, record: Pick<ReleaseRecord, 'rollout' | 'waiting' | 'last'> | null): string | null {
  const { rollout, waiting, last } = record ?? {};
  // What is under way says itself what it waits for.
  const hasFailed = !rollout && (last?.outcome === 'failed' || last?.outcome === 'rolledback');
  const why = waiting?.message ?? (hasFailed ? last.reason : undefined);
  return why === undefined ? null : `${service} does not move: ${why}`;
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
