import type { Bus } from '@kedge/shared/bus';
import { EndpointsEntry, ProxySettingsEntry, proxySettingsKey } from '@kedge/shared/contracts';
import { epochOf } from '../core/adopt-endpoints.ts';
import type { EndpointsSource } from '../ports.ts';

/** Reads the endpoints of this node from the bus. */
export function createEndpointsSource(bus: Bus): EndpointsSource {
  const endpoints = bus.bucket('endpoints', EndpointsEntry);
  const settings = bus.bucket('endpoints', ProxySettingsEntry);
  return {
    async read() {
      // The epoch first: entries that were read before another epoch began must not be taken for its own.
      const epoch = epochOf(await endpoints.globalRevision(0));
      const unreadable = new Set<string>();
      const note = (key: string) => unreadable.add(key.slice(`${bus.node}.`.length));
      const [entries, settingsEntry] = await Promise.all([endpoints.readAll(bus.node, note), settings.get(proxySettingsKey(bus.node))]);
      const services = await Promise.all(
        [...entries.values()].map(async ({ value, revision }) => {
          return [value.service, { entry: value, revision: await endpoints.globalRevision(revision) }] as const;
        }),
      );
      return {
        epoch,
        services: new Map(services),
        unreadable,
        settings: settingsEntry?.value.settings ?? {},
        settling: [...entries.values()].some(({ value }) => (value.owes?.length ?? 0) > 0),
      };
    },
  };
}
