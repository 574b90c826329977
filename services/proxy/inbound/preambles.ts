import { Buffer } from 'node:buffer';
import type { Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Server as TlsServer } from 'node:tls';
import type { Logger } from '@kedge/shared/service';
import { readPreamble } from '../core/read-preamble.ts';
import { beforeOthers } from './before-others.ts';
import { connectionName } from './kernel-ends.ts';

interface PreambleOptions {
  /** Who has to tell first for whom it connects; null: nobody does. */
  readonly senders: () => ((address: string) => boolean) | null;
  readonly log: Logger;
}

/** The client that stands behind a connection. */
interface Told {
  readonly address: string;
  readonly port: number;
}

/** Connections on which nobody told yet for whom: nothing was asked on them. */
export interface Preambles {
  /** Ends them. */
  breakOff(): void;
}

/** How long the first bytes may take. */
const withinMs = 5_000;

/**
 * Lets proxies that stand before this one tell by the PROXY protocol who comes: from then on the connection is that client's, for everybody who
 * asks where it comes from. Whoever has to tell and does not is cut off without an answer. To be called when all who listen for connections do.
 */
export function heedPreambles(server: Server, { senders, log }: PreambleOptions): Preambles {
  const tellers = new Map<string, Told>();
  const silent = new Set<Socket>();
  beforeOthers(server, (socket, pass) => {
    const isSender = senders();
    if (isSender === null || socket.remoteAddress === undefined || !isSender(socket.remoteAddress)) {
      pass();
      return;
    }
    const key = connectionName(socket);
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
    hearOut(socket, {
      onTold(told) {
        silent.delete(socket);
        if (told !== null) {
          tellers.set(key, told);
          socket.once('close', () => tellers.delete(key));
          rename(socket, told);
        }
        pass();
      },
      onBad(reason) {
        log.debug({ from: key, reason }, 'a proxy did not tell for whom it connects');
        socket.destroy();
      },
    });
  });
  if (server instanceof TlsServer) {
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      const told = tellers.size === 0 ? undefined : tellers.get(connectionName(socket));
      if (told) rename(socket, told);
    });
  }
  return {
    breakOff() {
      for (const socket of silent) socket.destroy();
    },
  };
}

function rename(socket: Socket, { address, port }: Told): void {
  Object.defineProperty(socket, 'remoteAddress', { value: address, configurable: true });
  Object.defineProperty(socket, 'remotePort', { value: port, configurable: true });
}

interface Hearing {
  readonly onTold: (told: Told | null) => void;
  readonly onBad: (reason: string) => void;
}

/** What comes behind it goes back into the socket. */
function hearOut(socket: Socket, { onTold, onBad }: Hearing): void {
  let heard = Buffer.alloc(0);
  const stop = () => {
    clearTimeout(late);
    socket.off('readable', read);
    socket.off('end', onEnd);
    socket.off('error', onError);
  };
  const fail = (reason: string) => {
    stop();
    // Whoever is cut off may still complain.
    socket.on('error', () => undefined);
    onBad(reason);
  };
  const onEnd = () => fail('it ended before');
  const onError = (error: Error) => fail(error.message);
  const late = setTimeout(() => fail(`it took more than ${withinMs} ms`), withinMs);
  const read = () => {
    const bytes: unknown = socket.read();
    if (!(bytes instanceof Buffer)) return;
    heard = Buffer.concat([heard, bytes]);
    const preamble = readPreamble(heard);
    if (preamble.kind === 'more') return;
    if (preamble.kind === 'bad') {
      fail(preamble.reason);
      return;
    }
    stop();
    if (heard.length > preamble.length) socket.unshift(heard.subarray(preamble.length));
    // The socket has to forget first that it was read here.
    setImmediate(() => {
      if (!socket.destroyed) onTold(preamble.client);
    });
  };
  socket.on('readable', read);
  socket.on('end', onEnd);
  socket.on('error', onError);
}
