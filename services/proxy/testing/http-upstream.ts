import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

/** An upstream on node:http, as most services are. */
export interface HttpUpstream {
  readonly server: Server;
  readonly port: number;
  close(): Promise<void>;
}

export async function startHttpUpstream(listener: RequestListener, port = 0): Promise<HttpUpstream> {
  const server = createServer(listener);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    server,
    port: typeof address === 'object' && address ? address.port : 0,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port of the loopback interface on which nobody listens. */
export async function deadPort(): Promise<number> {
  const upstream = await startHttpUpstream(() => undefined);
  await upstream.close();
  return upstream.port;
}
