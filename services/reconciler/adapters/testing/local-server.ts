import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { Closable } from '@kedge/shared/kernel';

export interface LocalServer extends Closable {
  /** Host and port, for example `127.0.0.1:41234`. */
  readonly host: string;
  readonly port: number;
}

/** An HTTP server on a free port of 127.0.0.1, or on a socket file; closing it ends every connection. */
export async function startLocalServer(listener: RequestListener, { path }: { readonly path?: string } = {}): Promise<LocalServer> {
  const server = createServer(listener);
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    host: `127.0.0.1:${port}`,
    port,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
