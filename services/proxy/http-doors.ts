import { type HttpListener, type ListenerOptions, openHttpListener } from './inbound/http-listener.ts';
import type { UpgradeClient } from './ports.ts';
import { createStreamServer } from './serve-http2.ts';
import { createRequestServer } from './serve-request.ts';
import { createUpgradeServer, type UpgradeServer } from './serve-upgrade.ts';
import type { Surroundings } from './surroundings.ts';

type Common = Omit<ListenerOptions, 'port' | 'serverNames' | 'requests' | 'streams' | 'upgrades'>;

/** Where HTTP is taken, without and with TLS. */
export interface HttpDoors {
  /** Rejects with what `listen` says when the address cannot be had. */
  open(port: number, serverNames: ListenerOptions['serverNames']): Promise<HttpListener>;
  /** Only these targets (by id) are in service: WebSockets to others are told. */
  keepOnly(targets: ReadonlySet<string>): void;
}

/** Each door has its own WebSockets, which end with it: another one may stay open, or take longer. */
export function createHttpDoors(surroundings: Surroundings, upgrades: UpgradeClient, common: Common): HttpDoors {
  const requests = createRequestServer(surroundings);
  const open = new Set<UpgradeServer>();
  return {
    async open(port, serverNames) {
      const upgraded = createUpgradeServer(surroundings, upgrades);
      const streams = createStreamServer(surroundings, upgraded);
      const door = await openHttpListener({ ...common, port, serverNames, requests, streams, upgrades: upgraded });
      open.add(upgraded);
      return {
        ...door,
        async close(drainMs) {
          try {
            return await door.close(drainMs);
          } finally {
            open.delete(upgraded);
          }
        },
      };
    },
    keepOnly(targets) {
      for (const upgraded of open) upgraded.keepOnly(targets);
    },
  };
}
