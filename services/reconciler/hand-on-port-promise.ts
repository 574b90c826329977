import type { Bucket, Bus } from '@kedge/shared/bus';
import { LeaseEntry, nobodyComes, placeKey } from '@kedge/shared/contracts';
import type { Clock } from './ports.ts';

/** What a proxy that leaves is told of its place. It expires by itself, after the grace period of any stop that is not a long one. */
export interface Promises {
  /** `replacement` comes: it is going to be started now. */
  promise(leaving: string, replacement: string): Promise<void>;
  /** Nobody comes. What was promised before stands: another reconciler may have started the replacement meanwhile. */
  decline(leaving: string): Promise<void>;
  /** `replacement` does not come after all, because it cannot be started. What was promised of another one stands. */
  withdraw(leaving: string, replacement: string): Promise<void>;
}

interface Word {
  readonly holder: string;
  /** Whether it is said although something was said already. */
  readonly overrides: (said: string) => boolean;
}

/** Of a write that somebody else was faster than. */
const attempts = 3;

/**
 * Speaks to leaving proxies through leases on their places: their container is asked for by the engine, and who comes is known to whoever sees
 * the engine. Each rejects when the bus is away.
 */
export function createPromises({ bus, clock }: { readonly bus: Bus; readonly clock: Pick<Clock, 'now'> }): Promises {
  const leases: Bucket<LeaseEntry> = bus.bucket('leases', LeaseEntry);

  async function write(leaving: string, { holder, overrides }: Word): Promise<void> {
    const key = placeKey(bus.node, leaving);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const value = { holder, takenAt: clock.now().toISOString() };
      const current = await leases.get(key);
      if (current && !overrides(current.value.holder)) return;
      const written = current ? await leases.update(key, value, current.revision) : await leases.create(key, value);
      if (written !== null) return;
    }
  }

  return {
    promise: async (leaving, replacement) => await write(leaving, { holder: replacement, overrides: () => true }),
    decline: async (leaving) => await write(leaving, { holder: nobodyComes, overrides: (said) => said === nobodyComes }),
    withdraw: async (leaving, replacement) => await write(leaving, { holder: nobodyComes, overrides: (said) => said === replacement }),
  };
}
