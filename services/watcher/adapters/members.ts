import { type Bus, keepLease } from '@kedge/shared/bus';
import { LeaseEntry } from '@kedge/shared/contracts';
import type { Members } from '../ports.ts';

const memberKey = /^watcher\.[^.]+\.member-/;

/** Each watcher keeps a lease that nobody else wants: those that are there are the members that live. */
export function createMembers(bus: Bus): Members {
  const what = `member-${bus.instance}`;
  const self = `watcher.${bus.node}.${what}`;
  const lease = keepLease(bus, { what });
  const leases = bus.bucket('leases', LeaseEntry);
  return {
    self,
    async list() {
      const alive = [...(await leases.readEverything()).keys()].filter((key) => memberKey.test(key));
      return alive.includes(self) ? alive : [...alive, self];
    },
    close: async () => await lease.close(),
  };
}
