import type { ServiceName } from '@kedge/shared/contracts';

/** Where a request waits, how long, and with how many. */
interface Place {
  readonly service: ServiceName;
  /** How many of the service may wait. */
  readonly limit: number;
  readonly waitMs: number;
}

/** A request that waits for a target that has room for it: hears one of these, once, unless it leaves before. */
interface Waiting {
  /** It is its turn: there may be room. */
  onTurn(): void;
  onExpired(): void;
}

/** Requests that wait because every target of their service has as many as it may have: who came first goes first. */
export interface LimitQueues {
  /** Returns what leaves the queue again; null where it is full. */
  enter(waiting: Waiting, place: Place): (() => void) | null;
  /** True while somebody waits: who comes now has to wait behind them. */
  isWaitedFor(service: ServiceName): boolean;
  /** A target of the service has room for one. */
  freed(service: ServiceName | null): void;
  /** There may be other targets, or other limits: everybody looks again, in their order. */
  wakeAll(): void;
}

/** Nobody waits in it at first. */
export function createLimitQueues(): LimitQueues {
  const queues = new Map<ServiceName, Set<() => void>>();

  function callFirst(queue: ReadonlySet<() => void>): void {
    for (const call of queue) {
      call();
      return;
    }
  }

  return {
    enter(waiting, { service, limit, waitMs }) {
      const queue = queues.get(service) ?? new Set();
      if (queue.size >= limit || waitMs <= 0) return null;
      queues.set(service, queue);
      const leave = () => {
        clearTimeout(timer);
        queue.delete(call);
        if (queue.size === 0) queues.delete(service);
      };
      const call = () => {
        leave();
        waiting.onTurn();
      };
      const timer = setTimeout(() => {
        leave();
        waiting.onExpired();
      }, waitMs);
      queue.add(call);
      return leave;
    },
    isWaitedFor: (service) => queues.has(service),
    freed(service) {
      const queue = service === null || queues.size === 0 ? undefined : queues.get(service);
      if (queue) callFirst(queue);
    },
    wakeAll() {
      for (const queue of [...queues.values()]) for (const call of [...queue]) call();
    },
  };
}
