import { type ReleaseRecord, Ulid } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { isUp } from './sort-containers.ts';

/**
 * What serves according to the labels of running containers, for a service whose record was lost. The one with the service's name
 * counts, then the newest: losing a store must not roll anything.
 */
export function adoptServing(service: string, containers: readonly ObservedContainer[]): ReleaseRecord['serving'] {
  const candidates = containers.filter((container) => container.kedge !== null && isUp(container) && container.hasAlias);
  const rank = ({ name, createdAt }: ObservedContainer) => (name === service ? Number.POSITIVE_INFINITY : createdAt.getTime());
  const found = candidates.toSorted((one, other) => rank(other) - rank(one))[0];
  if (!found?.kedge) return null;
  const { release, image, digest, source, rollout } = found.kedge;
  const known = Ulid.safeParse(rollout);
  return known.success ? { release, image, digest, source, since: found.createdAt.toISOString(), rollout: known.data } : null;
}
