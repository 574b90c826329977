import { type LeaseEntry, type NodeName, nobodyComes, placeKey } from '@kedge/shared/contracts';

/** What is known of the place of a proxy that leaves: whether another container is about to take it. */
export type WhoComes = 'somebody' | 'nobody' | 'unknown';

interface Place {
  readonly leases: ReadonlyMap<string, { readonly value: LeaseEntry }>;
  readonly node: NodeName;
  /** The one that leaves; null outside of one. */
  readonly container: string | null;
  /** When it was asked to. */
  readonly since: Date;
}

/**
 * Reads what the reconciler says of the place. "Nobody" counts only when it was said after the proxy was asked to end: the same container may
 * have been restarted a moment ago. "Unknown" is what a reconciler that is away, or not there yet, leaves behind.
 */
export function whoComes({ leases, node, container, since }: Place): WhoComes {
  const place = container === null ? undefined : leases.get(placeKey(node, container))?.value;
  if (!place) return 'unknown';
  if (place.holder !== nobodyComes) return 'somebody';
  return Date.parse(place.takenAt) >= since.getTime() ? 'nobody' : 'unknown';
}
