import type { Socket } from 'node:net';
import type { Logger } from '@kedge/shared/service';
import type { AddressSet } from './core/address-set.ts';
import { clientKey } from './core/client-key.ts';
import { plainAddress } from './core/forwarded-headers.ts';
import { isOwnMachine } from './core/own-machine.ts';

interface ConnectionPorts {
  /** Of one client; 0: without bound. */
  readonly limit: number;
  /** Peers that speak for many clients. */
  readonly trusts: () => AddressSet;
  readonly log: Logger;
}

/** How many connections each client has, at all doors and ports together. */
export interface ClientConnections {
  /** Counts one of this address until what it gives is called; null where its client has too many. */
  enter(remoteAddress: string): (() => void) | null;
  /** Counts it until it closes; false where its client has too many: then it is ended, without an answer. */
  admit(socket: Socket): boolean;
  /** How many were not let in. */
  refused(): number;
}

/** Who asks from this machine, and proxies that are believed, may have as many as they like. */
export function createClientConnections({ limit, trusts, log }: ConnectionPorts): ClientConnections {
  const open = new Map<string, number>();
  let refused = 0;

  function enter(remoteAddress: string): (() => void) | null {
    const address = plainAddress(remoteAddress);
    if (limit === 0 || isOwnMachine(address) || trusts()(address)) return uncounted;
    const client = clientKey(address);
    const count = open.get(client) ?? 0;
    if (count >= limit) {
      refused += 1;
      log.debug({ client, limit }, 'a client has too many connections');
      return null;
    }
    open.set(client, count + 1);
    return () => {
      const left = (open.get(client) ?? 1) - 1;
      if (left > 0) open.set(client, left);
      else open.delete(client);
    };
  }

  return {
    enter,
    admit(socket) {
      if (limit === 0 || socket.remoteAddress === undefined) return true;
      const leave = enter(socket.remoteAddress);
      if (leave === null) socket.destroy();
      else if (leave !== uncounted) socket.once('close', leave);
      return leave !== null;
    },
    refused: () => refused,
  };
}

const uncounted = () => undefined;
