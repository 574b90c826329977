import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What came back on a raw connection until it closed (or, with `until`, until that text came). */
export async function sendRaw(
  port: number,
  bytes: string | Buffer,
  { until, timeoutMs = 30_000 }: { readonly until?: string; readonly timeoutMs?: number } = {},
): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.setTimeout(timeoutMs, () => socket.destroy());
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    if (until !== undefined && received.includes(until)) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.write(bytes);
  await once(socket, 'close');
  return received;
}

/** An upstream on raw sockets that records every byte it gets. */
export interface RawUpstream {
  readonly port: number;
  readonly received: () => string;
  readonly connections: () => number;
  close(): Promise<void>;
}

/** Starts a raw upstream; `onConnection` decides what it says. */
export async function startRawUpstream(onConnection: (socket: Socket, index: number) => void): Promise<RawUpstream> {
  let received = '';
  let count = 0;
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    onConnection(socket, count);
    count += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    received: () => received,
    connections: () => count,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
