import { allRoutes, type Digest, type EndpointsEntry, type ReleaseRecord, routingOf, type ServiceSpec } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { publishedBy, writtenBy } from './desired-container.ts';
import { routeText } from './endpoints.ts';
import { hostNetwork } from './host-network.ts';
import { claims } from './moving-routes.ts';
import { overlaps } from './port-conflict.ts';
import { runsBesideNothing } from './purpose.ts';

type Placed = Pick<ServiceSpec, 'service' | 'network'>;

/**
 * Of two services one of which takes a route of the other over: they must not run at once. One is declared to run beside nothing, or both
 * listen on the host's network, where a port can belong to one container only.
 */
export function excludeEachOther(one: Placed, other: Placed | undefined): boolean {
  if (runsBesideNothing(one)) return true;
  return other !== undefined && (runsBesideNothing(other) || (isOnHost(one) && isOnHost(other)));
}

function isOnHost({ network = [] }: Placed): boolean {
  return network.some(({ name }) => name === hostNetwork);
}

/** A service that is declared no more, and still runs or is to run again before it leaves. */
export interface Leaver {
  readonly service: string;
  readonly record: Pick<ReleaseRecord, 'serving'> | null;
  readonly endpoints: EndpointsEntry | null;
  /** Its containers, as their labels tell. */
  readonly made: readonly Pick<NonNullable<ObservedContainer['kedge']>, 'release' | 'digest' | 'routes' | 'isAlone'>[];
}

/** Whom a service may not start beside. */
export interface Predecessor {
  readonly service: string;
  readonly code: 'ROUTE_MOVING' | 'PORT_MOVING' | 'VOLUME_IN_USE';
  /** The first that it takes over. */
  readonly place: string;
  /** Nothing of it may run just now: it comes back before it leaves. */
  readonly isRestored: boolean;
}

/**
 * Those that leave, and that this declaration takes a route over from which two that exclude each other cannot both serve. One that proxies
 * send nobody to any more is still at work on what it was sent, and one that they never sent anybody to, too, may be about to listen. `digest`:
 * of the image that is to be started; the same in what is not known to serve may be the same service, whatever routes were declared of it since,
 * so it is waited for as well, for the moment that it needs to stop.
 */
export function predecessorsOf(spec: ServiceSpec, leavers: readonly Leaver[], digest?: Digest): readonly Predecessor[] {
  const claimed = (routingOf(spec)?.routes ?? []).map(routeText);
  return leavers.flatMap((leaver): Predecessor[] => {
    const had = routesOf(leaver);
    const route = claimed.find((each) => had.has(each));
    const isOfSameImage = claimed.length > 0 && besideServing(leaver).some((each) => each.digest === digest && each.routes.length > 0);
    if ((route === undefined && !isOfSameImage) || !mayNotRunBeside(spec, leaver)) return [];
    const place = route === undefined ? 'its image' : `its route ${route}`;
    return [{ service: leaver.service, code: 'ROUTE_MOVING', place, isRestored: false }];
  });
}

/** Where nobody knows how that served, it may be on the host's network as well. */
function mayNotRunBeside(spec: ServiceSpec, leaver: Leaver): boolean {
  const served = leaver.record?.serving?.spec;
  if (besideServing(leaver).some(({ isAlone }) => isAlone)) return true;
  return served ? excludeEachOther(spec, served) : runsBesideNothing(spec) || isOnHost(spec);
}

/** What proxies know of it, what served, and what else was made for. */
function routesOf(leaver: Leaver): ReadonlySet<string> {
  const { record, endpoints } = leaver;
  const known = endpoints ? allRoutes(endpoints).map(routeText) : [];
  const served = record?.serving?.spec && (routingOf(record.serving.spec)?.routes ?? []).map(routeText);
  return new Set([...known, ...(served ?? []), ...besideServing(leaver).flatMap(({ routes }) => routes)]);
}

/** What is of another release than the one that serves: it never did, or does no more. Of it only that is known what it was made for. */
function besideServing({ record, made }: Leaver): Leaver['made'] {
  return made.filter(({ release }) => release !== record?.serving?.release);
}

/** What is declared is to have a route, a port or a place to write to that the other one had when it served. */
export function takesPlaceOf(spec: ServiceSpec, served: ServiceSpec, configFolder: string): boolean {
  return claimsRouteOf(spec, served) || placeForOne(spec, served, configFolder) !== null;
}

/** The same where the two cannot have it at once. */
export function takesOnlyPlaceOf(spec: ServiceSpec, served: ServiceSpec, configFolder: string): boolean {
  return (claimsRouteOf(spec, served) && excludeEachOther(spec, served)) || placeForOne(spec, served, configFolder) !== null;
}

function claimsRouteOf(spec: ServiceSpec, served: ServiceSpec): boolean {
  return (routingOf(served)?.routes ?? []).some((route) => claims(spec, route));
}

/** The first of both that only one can have: a port of the host, or a place to write to. Null where there is none. */
function placeForOne(spec: ServiceSpec, served: ServiceSpec, configFolder: string): Pick<Predecessor, 'code' | 'place'> | null {
  const port = publishedBy(spec).find((each) => publishedBy(served).some((other) => overlaps(each, other)));
  if (port) return { code: 'PORT_MOVING', place: `port ${port.host} of the host` };
  const source = writtenBy(spec, configFolder).find((each) => writtenBy(served, configFolder).includes(each));
  return source === undefined ? null : { code: 'VOLUME_IN_USE', place: source };
}

/** Those of which nothing may run just now, and that come back, before they leave, to a place that this declaration takes over. */
export function restoredTo(spec: ServiceSpec, restored: readonly Leaver[], configFolder: string): readonly Predecessor[] {
  return restored.flatMap((leaver): readonly Predecessor[] => {
    const served = leaver.record?.serving?.spec;
    if (!served) return [];
    const place = placeForOne(spec, served, configFolder);
    if (place) return [{ service: leaver.service, ...place, isRestored: true }];
    return predecessorsOf(spec, [leaver]).map((each) => ({ ...each, isRestored: true }));
  });
}

/** Why it waits, in a sentence. */
export function predecessorMessage({ service, code, place, isRestored }: Predecessor): string {
  const advice = `(kedge status ${service} tells what that waits for)`;
  const still = isRestored ? 'comes back before it leaves' : 'still runs';
  const together = code === 'ROUTE_MOVING' ? '; the two must not run at once' : '';
  return `${place} is that of ${service}, which is declared no more and ${still}${together}: this one starts when that has stopped ${advice}`;
}
