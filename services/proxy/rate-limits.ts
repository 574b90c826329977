import { type Rate, type Taken, takeOne } from './core/rate.ts';

/** What clients have left of their rates. */
export interface RateLimits {
  /** Takes one of a client's; `key` is whose rate it is. */
  take(key: string, client: string, rate: Rate): Taken;
  /** Takes back what was taken and does not count after all. */
  giveBack(key: string, client: string, rate: Rate): void;
  /** Forgets all rates but these. */
  keepOnly(keys: ReadonlySet<string>): void;
}

/** Of one rate; beyond that, whoever came least recently begins anew. */
const mostClients = 50_000;

/** Holds nothing of clients who have all of a rate again, once others came. */
export function createRateLimits(now: () => number): RateLimits {
  const rates = new Map<string, Map<string, number>>();

  /** The clients in front came least recently. */
  function makeRoom(clients: Map<string, number>, at: number): void {
    for (const [client, fullAt] of clients) {
      if (fullAt > at && clients.size < mostClients) return;
      clients.delete(client);
    }
  }

  return {
    take(key, client, rate) {
      const clients = rates.get(key) ?? new Map<string, number>();
      rates.set(key, clients);
      const at = now();
      const taken = takeOne(rate, { fullAt: clients.get(client), now: at });
      clients.delete(client);
      makeRoom(clients, at);
      clients.set(client, taken.fullAt);
      return taken;
    },
    giveBack(key, client, { count, windowMs }) {
      const clients = rates.get(key);
      const fullAt = clients?.get(client);
      if (fullAt !== undefined) clients?.set(client, fullAt - windowMs / count);
    },
    keepOnly(keys) {
      for (const key of rates.keys()) if (!keys.has(key)) rates.delete(key);
    },
  };
}
