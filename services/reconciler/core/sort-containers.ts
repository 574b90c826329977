import type { EndpointsEntry, ReleaseName, ServiceName } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';

/** The containers of a service, by what shall become of them. */
export interface SortedContainers {
  /** Of the wanted release, at most as many as replicas are wanted. */
  readonly keep: readonly ObservedContainer[];
  /** Everything else that is ours: older releases, failed ones, spent ones, too many. */
  readonly leaving: readonly ObservedContainer[];
}

interface SortContainers {
  readonly service: ServiceName;
  readonly wanted: ReleaseName;
  readonly replicas: number;
  readonly containers: readonly ObservedContainer[];
  readonly endpoints: EndpointsEntry | null;
  /** It cannot become what is wanted any more. Default: none. */
  readonly isSpent?: (container: ObservedContainer) => boolean;
}

/** Keeps the most useful containers of the wanted release: those that serve, then those that run, then the lowest slots. */
export function sortContainers(options: SortContainers): SortedContainers {
  const { service, wanted, replicas, containers, endpoints, isSpent = () => false } = options;
  const rank = (container: ObservedContainer) =>
    (isReadyIn(endpoints, container.id) ? 0 : 8) + (isUp(container) ? 0 : 4) + (container.name === service || container.hasAlias ? 0 : 2);
  const usable = containers
    .filter((container) => container.kedge?.release === wanted && container.state !== 'dead' && container.state !== 'removing')
    .filter((container) => !isSpent(container))
    .toSorted((one, other) => rank(one) - rank(other) || slotOf(one) - slotOf(other) || (one.id < other.id ? -1 : 1));
  const keep = usable.slice(0, replicas);
  return { keep, leaving: containers.filter((container) => !keep.includes(container)) };
}

/** Neither frozen nor about to be restarted by the engine. */
export function isUp({ state }: ObservedContainer): boolean {
  return state === 'running';
}

/** 0 for a container that Kedge did not make. */
export function slotOf({ kedge }: ObservedContainer): number {
  return kedge?.slot ?? 0;
}

/** True when proxies send requests to it. */
export function isReadyIn(endpoints: EndpointsEntry | null, id: string): boolean {
  return endpoints?.targets.some((target) => target.id === id && target.state === 'ready') ?? false;
}

/** In milliseconds since the epoch. The engine starts again what crashes, and that is no new beginning. */
export function firstStart({ createdAt, startedAt, restartCount }: ObservedContainer): number {
  return (restartCount === 0 && startedAt ? startedAt : createdAt).getTime();
}
