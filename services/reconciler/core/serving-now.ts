import {
  allRoutes,
  type EndpointsEntry,
  proxyOf,
  type ReleaseName,
  type ReleaseRecord,
  routingOf,
  type ServiceSpec,
} from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { isRestoring } from './decide-rollout.ts';
import { hasRoute } from './endpoints.ts';
import { isReadyIn, isUp } from './sort-containers.ts';

interface Serving {
  /** Null when it is declared no more. */
  readonly spec: ServiceSpec | null;
  readonly record: ReleaseRecord | null;
  readonly endpoints: EndpointsEntry | null;
  readonly containers: readonly ObservedContainer[];
}

/** The containers that do the service's work now, of the old release or the new: those that get its requests, or else have its name. */
export function servingContainers({ spec, record, endpoints, containers }: Serving): readonly ObservedContainer[] {
  const { serving, rollout } = record ?? {};
  const isOf = (container: ObservedContainer, release: ReleaseName | undefined) =>
    release !== undefined && isUp(container) && container.kedge?.release === release;
  if (((spec && proxyOf(spec)) || endpoints) && !hasGivenUpItsRoutes({ spec, record, endpoints })) {
    const running = containers.filter((each) => isOf(each, serving?.release) || isOf(each, rollout?.release));
    return running.filter(({ id }) => isReadyIn(endpoints, id));
  }
  const hasMoved = rollout?.switchedAt !== undefined && !isRestoring(rollout.step);
  return containers.filter((each) => isOf(each, hasMoved ? rollout.release : serving?.release));
}

/** All that what serves was asked for is declared of others now, and theirs: it works on, and proxies send it nobody. */
function hasGivenUpItsRoutes({ spec, record, endpoints }: Omit<Serving, 'containers'>): boolean {
  const before = (record?.serving?.spec && routingOf(record.serving.spec)?.routes) ?? [];
  const declared = (spec && routingOf(spec)?.routes) ?? [];
  const isEmpty = endpoints !== null && allRoutes(endpoints).length === 0 && endpoints.hold !== true;
  return isEmpty && spec !== null && before.length > 0 && !before.some((route) => hasRoute(declared, route));
}

/** The release that these containers serve: once the service has moved, that is the one of the rollout. Null before there is any. */
export function shownRelease(record: ReleaseRecord | null, serving: readonly ObservedContainer[]) {
  const { serving: before, rollout } = record ?? {};
  const serves = (release: ReleaseName) => serving.some(({ kedge }) => kedge?.release === release);
  if (before && rollout && serves(rollout.release) && !serves(before.release)) return rollout;
  return before ?? rollout ?? null;
}
