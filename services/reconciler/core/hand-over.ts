import { allRoutes, type EndpointsEntry, type ReleaseRecord, type ServiceName } from '@kedge/shared/contracts';
import type { HostPort, ObservedContainer } from '../ports.ts';
import { publishedBy, writtenBy } from './desired-container.ts';
import { claims, type Heir, servesRoute } from './moving-routes.ts';
import { overlaps } from './port-conflict.ts';
import { isReadyIn, isUp } from './sort-containers.ts';

/** What running containers have that others cannot have, or must not have at the same time. */
export interface Held {
  /** Of the host. */
  readonly ports: readonly HostPort[];
  /** Volumes and folders of the host that they may write to. */
  readonly places: readonly string[];
}

interface HandOver {
  /** Of the service that is declared no more. */
  readonly record: Pick<ReleaseRecord, 'serving'> | null;
  readonly endpoints: EndpointsEntry | null;
  readonly containers: readonly ObservedContainer[];
  /** By its containers, as the engine tells: what keeps an heir from starting has to be the same as what ends the wait for it. */
  readonly held: Held;
  /** All services that the node declares. */
  readonly declared: readonly Heir[];
  /** Where the configuration folder lies on the host. */
  readonly configFolder: string;
}

/** Who takes a route over, and what is waited for. */
export interface PendingHandOver {
  readonly to: ServiceName;
  readonly reason: string;
  /** When to look again, in milliseconds; absent where somebody says that it is over. */
  readonly lookAfterMs?: number;
}

/**
 * Null when a service that is declared no more may leave. It stays while one of its routes is declared by another service that does not
 * serve it yet: whoever asks for that route is answered all the time. What cannot answer itself keeps nobody waiting, and neither does
 * one that must not run beside its heir, which would wait for it for ever.
 */
export function pendingHandOver({ record, endpoints, containers, held, declared, configFolder }: HandOver): PendingHandOver | null {
  const serves = containers.some((container) => isUp(container) && isReadyIn(endpoints, container.id));
  if (!endpoints || !serves) return null;
  const isReplaced = record?.serving?.spec?.service.strategy === 'recreate';
  for (const route of allRoutes(endpoints)) {
    const heirs = declared.filter(({ spec }) => claims(spec, route));
    const [first] = heirs;
    // Where requests wait in any case, nobody has to stay for them.
    if (!first || route.rules?.pause || heirs.some((heir) => servesRoute(heir, route))) continue;
    if (isReplaced || heirs.some(({ spec }) => excludes(held, spec, configFolder))) continue;
    return { to: first.service, reason: `its route ${route.host}${route.path} moves to ${first.service} when that serves` };
  }
  return null;
}

/** Its containers must not run beside those: they need the same port of the host, write to the same place, or replace what was before. */
function excludes({ ports, places }: Held, spec: Heir['spec'], configFolder: string): boolean {
  return (
    spec.service.strategy === 'recreate' ||
    publishedBy(spec).some((port) => ports.some((each) => overlaps(each, port))) ||
    writtenBy(spec, configFolder).some((source) => places.includes(source))
  );
}
