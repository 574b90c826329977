import { createServer, type Socket } from 'node:net';
import type { Logger } from '@kedge/shared/service';
import { listenOn } from '../inbound/listen-on.ts';

interface PortDoorOptions {
  readonly host: string;
  readonly port: number;
  /** Gets each client before anything of it was read. */
  readonly onConnection: (client: Socket) => void;
  readonly log: Logger;
}

/** An open port. */
export interface PortDoor {
  /** Takes nobody any more. Connections that are there stay; datagrams have no other door, so theirs waits for a silence, `withinMs` at the longest. */
  close(withinMs: number): Promise<void>;
}

/** Of each port: a service may have many of those. */
const sockets = 8;
const settings = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/** Opens a port; proxies may share it. Rejects with what `listen` says when it cannot be had. */
export async function openPortDoor({ host, port, onConnection, log }: PortDoorOptions): Promise<PortDoor> {
  const server = createServer(settings);
  server.on('connection', onConnection);
  const listening = await listenOn(server, { host, port, settings, sockets });
  server.on('error', (error) => log.error({ port, reason: error.message }, 'the listener of a port reported an error'));
  return {
    close: async () => await listening.close(),
  };
}
