import { allRoutes, type EndpointsEntry, type ReleaseRecord, type ServiceName } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { claims, type Heir, servesRoute } from './moving-routes.ts';
import { excludeEachOther } from './predecessors.ts';
import { isReadyIn, isUp } from './sort-containers.ts';

interface HandOver {
  /** Of the service that is declared no more. */
  readonly record: Pick<ReleaseRecord, 'serving'> | null;
  readonly endpoints: EndpointsEntry | null;
  readonly containers: readonly ObservedContainer[];
  /** All services that the node declares. */
  readonly declared: readonly Heir[];
  /** A service waits for the one that leaves, itself or by others: what ends the wait for it has to be the same as what keeps it from starting. */
  readonly waitsForIt: (service: ServiceName) => boolean;
}

/** Who takes a route over, and what is waited for. */
export interface PendingHandOver {
  readonly to: ServiceName;
  readonly reason: string;
  /** Nobody says when it is over: it has to be looked at. */
  readonly isUnsaid?: boolean;
}

/**
 * Null when a service that is declared no more may leave. It stays while one of its routes is declared by another service that does not
 * serve it yet: whoever asks for that route is answered all the time. What cannot answer itself keeps nobody waiting. One that must not run
 * beside its heir does not wait for it, and neither does one that its heir waits for otherwise: both would wait for ever.
 */
export function pendingHandOver({ record, endpoints, containers, declared, waitsForIt }: HandOver): PendingHandOver | null {
  const serves = containers.some((container) => isUp(container) && isReadyIn(endpoints, container.id));
  if (!endpoints || !serves) return null;
  for (const route of allRoutes(endpoints)) {
    const heirs = declared.filter(({ spec }) => claims(spec, route));
    const [first] = heirs;
    // Where requests wait in any case, nobody has to stay for them.
    if (!first || route.rules?.pause || heirs.some((heir) => servesRoute(heir, route))) continue;
    if (heirs.some(({ service, spec }) => excludeEachOther(spec, record?.serving?.spec) || waitsForIt(service))) continue;
    return { to: first.service, reason: `its route ${route.host}${route.path} moves to ${first.service} when that serves` };
  }
  return null;
}
