import type { Server, Socket } from 'node:net';

/** Takes each new connection before everybody who listens for them up to now; they get it by `pass`, whenever that is called. */
export function beforeOthers(server: Server, take: (socket: Socket, pass: () => void) => void): void {
  const others = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    take(socket, () => {
      for (const listener of others) listener.call(server, socket);
    });
  });
}
