import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';

/**
 * An upstream that answers all kinds of load: `/sse` with events, `/hang` with its port and no end, `/upload` with the length of what came,
 * WebSockets with a compressed echo, else with the mark of who asks.
 */
export interface LoadUpstream {
  readonly port: number;
  close(): Promise<void>;
}

const events = 10;

export async function startLoadUpstream(port = 0): Promise<LoadUpstream> {
  const server = createServer((request, response) => answer(request, response));
  const sockets = new WebSocketServer({ server, perMessageDeflate: { threshold: 0 } });
  sockets.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/sse') {
    streamEvents(response);
    return;
  }
  if (request.url === '/hang') {
    response.write(String(request.socket.localPort));
    return;
  }
  let length = 0;
  request.on('data', (bytes: Buffer) => {
    length += bytes.length;
  });
  request.on('end', () => response.end(request.url === '/upload' ? String(length) : request.headers['x-mark']));
}

/** One in each turn of the event loop, so that they take a while and wait for nothing. */
function streamEvents(response: ServerResponse, sent = 0): void {
  if (sent === 0) response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (sent === events) {
    response.end();
    return;
  }
  response.write(`data: ${sent}\n\n`);
  setImmediate(() => streamEvents(response, sent + 1));
}
