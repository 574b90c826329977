import { allRoutes, type EndpointsEntry, type ReleaseRecord, type ServiceSpec } from '@kedge/shared/contracts';
import { hostNetwork } from './host-network.ts';
import { claims } from './moving-routes.ts';

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
  /** The first that it takes over, as host and path. */
  readonly route: string;
}

/** Those that leave, and that this declaration takes a route over from which two that exclude each other cannot both serve. */
export function predecessorsOf(spec: ServiceSpec, leavers: readonly Leaver[]): readonly Predecessor[] {
  return leavers.flatMap(({ service, record, endpoints }) => {
    const route = endpoints && allRoutes(endpoints).find((each) => claims(spec, each));
    return route && excludeEachOther(spec, record?.serving?.spec) ? [{ service, route: `${route.host}${route.path}` }] : [];
  });
}

/** Why it waits, in a sentence. */
export function predecessorMessage({ service, route }: Predecessor): string {
  return (
    `its route ${route} is that of ${service}, which is declared no more and still runs; the two must not run at once, ` +
    `and this one starts when that has stopped (kedge status ${service} tells what that waits for)`
  );
}
