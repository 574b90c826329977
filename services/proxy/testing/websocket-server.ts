import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';

/** A real WebSocket server, with permessage-deflate, that ends with the test. */
export interface TestWebSocketServer {
  readonly port: number;
  readonly sockets: ReadonlySet<Socket>;
}

export async function startWebSockets(t: TestContext, onOpen: (socket: WebSocket) => void): Promise<TestWebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0 } });
  const sockets = new Set<Socket>();
  server.on('connection', (socket, request) => {
    sockets.add(request.socket);
    socket.on('error', () => undefined);
    onOpen(socket);
  });
  await once(server, 'listening');
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const address = server.address();
  return { sockets, port: typeof address === 'object' && address ? address.port : 0 };
}
