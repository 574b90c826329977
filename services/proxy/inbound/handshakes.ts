import type { Server, Socket } from 'node:net';
import { type TLSSocket, Server as TlsServer } from 'node:tls';
import { connectionName } from './kernel-ends.ts';

/** Connections on which TLS is not agreed on yet: nothing was asked on them. */
export interface Handshakes {
  /** Ends them. */
  breakOff(): void;
}

/** Knows those that begin from now on. A server without TLS has none. */
export function watchHandshakes(server: Server): Handshakes {
  const open = new Map<string, Socket>();

  function begun(socket: Socket): void {
    const name = connectionName(socket);
    open.set(name, socket);
    socket.once('close', () => open.delete(name));
  }

  if (server instanceof TlsServer) {
    server.on('connection', begun);
    server.on('secureConnection', (socket: TLSSocket) => open.delete(connectionName(socket)));
    // Whoever does not speak TLS cannot be answered either: this would be taken for a broken request.
    server.removeAllListeners('tlsClientError');
    server.on('tlsClientError', (_error, socket: TLSSocket) => socket.destroy());
  }
  return {
    breakOff() {
      for (const socket of open.values()) socket.destroy();
    },
  };
}
