import {
  allRoutes,
  type BarRecord,
  type Digest,
  type EndpointsEntry,
  type ReleaseRecord,
  releaseName,
  type ServiceSpec,
} from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import type { HostPort } from '../ports.ts';
import { publishedBy } from './desired-container.ts';
import { isMoving } from './exchange.ts';
import { claims } from './moving-routes.ts';
import { isForDependency } from './obstacles.ts';
import { overlaps } from './port-conflict.ts';
import { excludeEachOther } from './predecessors.ts';
import { isMeantToEnd, isStartedByOthers } from './purpose.ts';
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

/** Who writes where, and who waits for whom. */
export interface Surroundings {
  readonly writing: Writing;
  /** Everybody whom a service waits for, however long the chain is. */
  readonly aheadOf: (service: string) => ReadonlySet<string>;
}

/**
 * Those that are declared to have what must not be had twice: a port, a place to write to, or a route where nothing may run beside another, or
 * where they wait for who has to have one of those.
 */
export function successorsOf(
  { service: leaving, record, endpoints, ports }: Bequest,
  { writing, aheadOf }: Surroundings,
): readonly Successor[] {
  const routes = endpoints ? allRoutes(endpoints) : [];
  return [...writing.declared].flatMap(([service, { spec }]) => {
    if (!spec || service === leaving) return [];
    const taken = publishedBy(spec).filter((port) => ports.some((each) => overlaps(each, port)));
    const written = leavingWriters(service, spec, writing).filter((each) => each.service === leaving);
    const claimed = routes.filter((route) => claims(spec, route));
    const mustWait = claimed.length > 0 && (excludeEachOther(spec, record?.serving?.spec) || aheadOf(service).has(leaving));
    const needed = [
      ...taken.map(({ host }) => `port ${host} of the host`),
      ...written.map(({ source }) => source),
      ...(mustWait ? claimed.map(({ host, path }) => `its route ${host}${path}`) : []),
    ];
    return needed.length === 0 ? [] : [{ service, needed: [...new Set(needed)] }];
  });
}

/** For whoever reads a plan: what it has is nobody's if they do not start. */
export function successorWords({ service, needed }: Successor): string {
  return `${service} can only start when it is gone, and takes over ${needed.join(', ')}: if ${service} does not start, nobody has that`;
}

/**
 * `ready`: it starts as soon as it has what it takes over, or what others are about to have. `apart`: nobody has to wait for it, and it
 * replaces nobody: it is not going to start by itself, could not start before, or is meant to end.
 */
export type Readiness = 'ready' | 'coming' | 'apart';

/** The first that what leaves has to wait for: nobody else who is ready takes over what it needs. Null when it may leave. */
export function firstUnprepared(found: readonly Successor[], readiness: (service: string) => Readiness): Successor | null {
  const taken = new Set(found.filter(({ service }) => readiness(service) === 'ready').flatMap(({ needed }) => needed));
  return found.find(({ service, needed }) => readiness(service) === 'coming' && needed.some((each) => !taken.has(each))) ?? null;
}

interface Coming extends Pick<Declared, 'spec' | 'record'> {
  /** The engine holds the image of what its rollout leads to, or of what comes up. */
  readonly hasImage: boolean;
  /** A container of that release is made. */
  readonly isMade: boolean;
  /** That release was judged when it had another name. */
  readonly isJudged: boolean;
}

/**
 * What it says itself: it waits for its place, or for what it depends on, or it has met nothing, and makes what it starts. What is known to be
 * bad replaces nothing.
 */
function isAboutToStart({ spec, record, hasImage, isMade, isJudged }: Coming): boolean {
  const { rollout, waiting } = record ?? {};
  if (!spec || !rollout) return spec !== null && isMoving(record);
  const goesOn = waiting ? isMoving(record) || isForDependency(waiting.code) : isMade;
  return goesOn && hasImage && !isJudged && isOfSpec(spec, rollout);
}

/** What served, and is to be there again: nothing is in its way but what others have. */
function canComeUp({ record, hasImage, isMade }: Coming): boolean {
  const { waiting } = record ?? {};
  return (hasImage || isMade) && (!waiting || isMoving(record) || isForDependency(waiting.code));
}

/** A verdict on the release that a rollout leads to, from when it had another name. */
export interface EarlierVerdict {
  /** The name. */
  readonly service: string;
  readonly message: string;
}

/** What is remembered of a service that is declared no more. */
export interface Judged extends Pick<BarRecord, 'service' | 'bars'> {
  /** What it serves. */
  readonly digest: Digest | null;
}

/**
 * Null without such a verdict. Whatever was changed beside the name: what serves does not leave for an image that was bad here. Where it serves
 * that image itself, only the very same release is meant.
 */
export function earlierVerdict({ spec, record }: Pick<Declared, 'spec' | 'record'>, judged: readonly Judged[]): EarlierVerdict | null {
  const digest = record?.rollout?.digest;
  if (!spec || digest === undefined) return null;
  const found = judged.flatMap(({ service, bars, digest: served }) => {
    const release = releaseName({ ...spec, service: { ...spec.service, name: service } }, digest);
    const bar = bars.find((each) => each.release === release || (each.digest === digest && served !== digest));
    return bar ? [{ service, message: bar.message }] : [];
  });
  return found[0] ?? null;
}

/** Why it takes nothing over. */
export function verdictWords(service: string, { service: before, message }: EarlierVerdict): string {
  return `the image of ${service} was barred when it was ${before} (${message})`;
}

/** Who waits for it waits longer: it does not go on by itself, or could not start before. */
export function holdsUp(coming: Coming): boolean {
  return !isAboutToStart(coming) || coming.record?.rollout?.attempts !== undefined;
}

/** How far a service is that takes something over. `isHeldUp`: by somebody else whom it waits for. */
export function readinessOf(coming: Coming & { readonly isHeldUp: boolean }): Readiness {
  const { spec, record, isHeldUp } = coming;
  const { rollout, waiting, last, serving, pinned } = record ?? {};
  if (!spec) return 'coming';
  if (isStartedByOthers(spec) || rollout?.attempts !== undefined) return 'apart';
  const there = isMeantToEnd(spec) ? 'apart' : 'ready';
  if (rollout) return isAboutToStart(coming) && !isHeldUp ? there : 'coming';
  // What gets its name back while it leaves comes up as what it was, whatever else is declared of it now.
  if (serving && record?.comingUp && isOfSpec(spec, serving)) return canComeUp(coming) && !isHeldUp ? there : 'coming';
  if (serving?.spec !== undefined && sameJson(serving.spec, spec)) return there;
  const hasFailed = !waiting && serving === null && last?.outcome === 'failed';
  return hasFailed && pinned !== undefined && isOfSpec(spec, { release: last.release, digest: pinned.digest }) ? 'apart' : 'coming';
}

/** What it does, or did, for another declaration says nothing. */
function isOfSpec(spec: ServiceSpec, { release, digest }: { readonly release: string; readonly digest: Digest }): boolean {
  return releaseName(spec, digest) === release;
}
