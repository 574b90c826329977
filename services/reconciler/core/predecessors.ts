import { allRoutes, type EndpointsEntry, type ReleaseRecord, type ServiceSpec } from '@kedge/shared/contracts';
import { publishedBy, writtenBy } from './desired-container.ts';
import { hostNetwork } from './host-network.ts';
import { claims } from './moving-routes.ts';
import { overlaps } from './port-conflict.ts';

type Placed = Pick<ServiceSpec, 'service' | 'network'>;

/**
 * Of two services one of which takes a route of the other over: they must not run at once. One is declared to run beside nothing, or both
 * listen on the host's network, where a port can belong to one container only.
 */
export function excludeEachOther(one: Placed, other: Placed | undefined): boolean {
  if (one.service.strategy === 'recreate') return true;
  return other !== undefined && (other.service.strategy === 'recreate' || (isOnHost(one) && isOnHost(other)));
}

function isOnHost({ network = [] }: Placed): boolean {
  return network.some(({ name }) => name === hostNetwork);
}

/** A service that is declared no more, and still runs. */
export interface Leaver {
  readonly service: string;
  readonly record: Pick<ReleaseRecord, 'serving'> | null;
  readonly endpoints: EndpointsEntry | null;
}

/** Whom a service may not start beside. */
export interface Predecessor {
  readonly service: string;
  readonly code: 'ROUTE_MOVING' | 'PORT_MOVING' | 'VOLUME_IN_USE';
  /** The first that it takes over. */
  readonly place: string;
}

/** Those that leave, and that this declaration takes a route over from which two that exclude each other cannot both serve. */
export function predecessorsOf(spec: ServiceSpec, leavers: readonly Leaver[]): readonly Predecessor[] {
  return leavers.flatMap(({ service, record, endpoints }): Predecessor[] => {
    const route = endpoints && allRoutes(endpoints).find((each) => claims(spec, each));
    if (!route || !excludeEachOther(spec, record?.serving?.spec)) return [];
    return [{ service, code: 'ROUTE_MOVING', place: `its route ${route.host}${route.path}` }];
  });
}

/** Those of which nothing may run just now, and that come back, before they leave, to a place that this declaration takes over. */
export function returningTo(spec: ServiceSpec, returning: readonly Leaver[], configFolder: string): readonly Predecessor[] {
  return returning.flatMap((leaver): readonly Predecessor[] => {
    const served = leaver.record?.serving?.spec;
    if (!served) return [];
    const { service } = leaver;
    const port = publishedBy(spec).find((each) => publishedBy(served).some((other) => overlaps(each, other)));
    if (port) return [{ service, code: 'PORT_MOVING', place: `port ${port.host} of the host` }];
    const source = writtenBy(spec, configFolder).find((each) => writtenBy(served, configFolder).includes(each));
    return source === undefined ? predecessorsOf(spec, [leaver]) : [{ service, code: 'VOLUME_IN_USE', place: source }];
  });
}

/** Why it waits, in a sentence. */
export function predecessorMessage({ service, place }: Predecessor): string {
  return (
    `${place} is that of ${service}, which is declared no more and still runs, or comes back before it leaves; the two must not run at ` +
    `once, and this one starts when that has stopped (kedge status ${service} tells what that waits for)`
  );
}
