import type { ServiceName, Target } from '@kedge/shared/contracts';

/** Where a request waits, how long, and with how many. */
interface Place {
  readonly service: ServiceName;
  /** Any of them may have room for it. */
  readonly ready: readonly Target[];
  /** How many of the service may wait. */
  readonly limit: number;
  readonly waitMs: number;
  /** When it came, by `performance.now()`: who looked in vain has its turn by that. */
  readonly since: number;
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
  /** This target has room for one. It may serve several services. */
  freed(target: string): void;
  /** There may be other targets, or other limits: everybody looks again, in their order. */
  wakeAll(): void;
}

interface Waiter {
  readonly since: number;
  readonly ready: readonly Target[];
  readonly call: () => void;
}

/** Nobody waits in it at first. */
export function createLimitQueues(): LimitQueues {
  /** In each, who came first stands in front. */
  const queues = new Map<ServiceName, Waiter[]>();

  return {
    enter(waiting, { service, ready, limit, waitMs, since }) {
      const queue = queues.get(service) ?? [];
      if (queue.length >= limit || waitMs <= 0) return null;
      queues.set(service, queue);
      const leave = () => {
        clearTimeout(timer);
        const index = queue.indexOf(waiter);
        if (index >= 0) queue.splice(index, 1);
        if (queue.length === 0 && queues.get(service) === queue) queues.delete(service);
      };
      const call = () => {
        leave();
        waiting.onTurn();
      };
      const timer = setTimeout(() => {
        leave();
        waiting.onExpired();
      }, waitMs);
      const waiter: Waiter = { since, ready, call };
      const behind = queue.findLastIndex((each) => each.since <= since);
      queue.splice(behind + 1, 0, waiter);
      return leave;
    },
    isWaitedFor: (service) => queues.has(service),
    freed(target) {
      if (queues.size === 0) return;
      for (const [first] of [...queues.values()]) if (first?.ready.some(({ id }) => id === target)) first.call();
    },
    wakeAll() {
      for (const { call } of [...queues.values()].flat()) call();
    },
  };
}
