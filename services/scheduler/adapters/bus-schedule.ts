import { type Bus, sayOwed, writeThenSay } from '@kedge/shared/bus';
import { ScheduleEntry, serviceKey } from '@kedge/shared/contracts';
import type { Schedule } from '../ports.ts';

/** The bucket `schedule` of the node. */
export function createBusSchedule(bus: Bus): Schedule {
  const bucket = bus.bucket('schedule', ScheduleEntry);
  return {
    read: async (service) => await bucket.get(serviceKey(bus.node, service)),
    services: async () => [...(await bucket.readAll(bus.node)).values()].map(({ value }) => value.service),
    write: async (previous, value) => await writeThenSay({ bus, bucket, key: serviceKey(bus.node, value.service), previous, value }),
    sayOwed: async (entry) => await sayOwed({ bus, bucket, entry }),
    async remove({ key, revision }) {
      await bucket.delete(key, revision);
    },
  };
}
