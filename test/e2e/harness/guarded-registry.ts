import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

interface GuardOptions {
  readonly registryPort: number;
  readonly username: string;
  readonly password: string;
}

/** A registry that wants to know who asks (Basic), in front of one that does not. */
export interface GuardedRegistry {
  readonly port: number;
  /** How many requests were turned away, and how many were let in. */
  readonly count: { readonly refused: number; readonly admitted: number };
  close(): void;
}

export async function guardRegistry({ registryPort, username, password }: GuardOptions): Promise<GuardedRegistry> {
  const count = { refused: 0, admitted: 0 };
  const wanted = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const server = createServer((asked, answer) => {
    if (asked.headers.authorization !== wanted) {
      count.refused += 1;
      return answer.writeHead(401, { 'www-authenticate': 'Basic realm="guarded"' }).end();
    }
    count.admitted += 1;
    // Whoever asked notices a broken connection, and asks again.
    passOn(asked, answer, registryPort).catch(() => answer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    count,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function passOn(asked: IncomingMessage, answer: ServerResponse, port: number): Promise<void> {
  const { authorization: _known, ...headers } = asked.headers;
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method: asked.method, path: asked.url, headers, agent: false }, resolve);
    sent.on('error', reject);
    asked.pipe(sent);
  });
  answer.writeHead(reply.statusCode ?? 502, reply.headers);
  await pipeline(reply, answer);
}
