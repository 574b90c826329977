import { allRoutes, type Digest, type EndpointsEntry, type ReleaseRecord, releaseName } from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import type { HostPort } from '../ports.ts';
import { publishedBy } from './desired-container.ts';
import { claims } from './moving-routes.ts';
import { overlaps } from './port-conflict.ts';
import { isStartedByOthers } from './purpose.ts';
import { type Declared, leavingWriters, type Writing } from './still-written.ts';

/** What a service has that is declared no more. */
export interface Bequest {
  readonly service: string;
  readonly record: Pick<ReleaseRecord, 'serving'> | null;
  readonly endpoints: EndpointsEntry | null;
  /** Of the host, by its containers. */
  readonly ports: readonly HostPort[];
}

/** A service that can only start when another one is gone. */
export interface Successor {
  readonly service: string;
  /** What it takes over, each in a few words. */
  readonly needed: readonly string[];
}

interface Situation {
  readonly writing: Writing;
  /** Everybody whom a service waits for. */
  readonly aheadOf: (service: string) => ReadonlySet<string>;
}

/**
 * Those that are declared to have what must not be had twice: a port, a place to write to, or a route where nothing may run beside another, or
 * where they wait for who has to have one of those.
 */
export function successorsOf(
  { service: leaving, record, endpoints, ports }: Bequest,
  { writing, aheadOf }: Situation,
): readonly Successor[] {
  const routes = endpoints ? allRoutes(endpoints) : [];
  const isReplaced = record?.serving?.spec?.service.strategy === 'recreate';
  return [...writing.declared].flatMap(([service, { spec }]) => {
    if (!spec || service === leaving) return [];
    const taken = publishedBy(spec).filter((port) => ports.some((each) => overlaps(each, port)));
    const written = leavingWriters(service, spec, writing).filter((each) => each.service === leaving);
    const mustWait = isReplaced || spec.service.strategy === 'recreate' || aheadOf(service).has(leaving);
    const needed = [
      ...taken.map(({ host }) => `port ${host} of the host`),
      ...written.map(({ source }) => source),
      ...(mustWait ? routes.filter((route) => claims(spec, route)).map(({ host, path }) => `its route ${host}${path}`) : []),
    ];
    return needed.length === 0 ? [] : [{ service, needed: [...new Set(needed)] }];
  });
}

/** For whoever reads a plan: what it has is nobody's if they do not start. */
export function successorWords({ service, needed }: Successor): string {
  return `${service} can only start when it is gone, and takes over ${needed.join(', ')}: if ${service} does not start, nobody has that`;
}

/** The first that what leaves has to wait for: nobody else who is prepared takes over what it needs. Null when it may leave. */
export function firstUnprepared(found: readonly Successor[], isPrepared: (service: string) => boolean): Successor | null {
  const taken = new Set(found.filter(({ service }) => isPrepared(service)).flatMap(({ needed }) => needed));
  return found.find(({ needed }) => needed.some((each) => !taken.has(each))) ?? null;
}

interface Coming extends Pick<Declared, 'spec' | 'record'> {
  /** The engine holds the image that its rollout leads to. */
  readonly hasImage: boolean;
}

/** True when a service can start as soon as it has what it takes over. What is not going to start by itself keeps nobody waiting, either. */
export function isPrepared({ spec, record, hasImage }: Coming): boolean {
  const { rollout, waiting, last, serving, pinned } = record ?? {};
  if (!spec || isStartedByOthers(spec)) return spec !== null;
  // What it does, or did, for another declaration says nothing.
  const isDeclared = ({ release, digest }: { readonly release: string; readonly digest: Digest }) => releaseName(spec, digest) === release;
  if (rollout) return hasImage && isDeclared(rollout);
  const hasArrived = serving?.spec !== undefined && sameJson(serving.spec, spec);
  const hasFailed = !waiting && serving === null && last?.outcome === 'failed';
  return hasArrived || (hasFailed && pinned !== undefined && isDeclared({ release: last.release, digest: pinned.digest }));
}
