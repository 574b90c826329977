import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/**
 * Answers `/200` and `/10k` of HTTP/1.1 with bodies of that size, as cheaply as Node can; run as a process of its own. It tells its port on
 * its standard output.
 */
const answers = new Map(
  [200, 10_240].map((size) => [
    size,
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`, 'latin1'),
  ]),
);
const small = answers.get(200) ?? Buffer.alloc(0);
const large = answers.get(10_240) ?? Buffer.alloc(0);

function serve(socket: Socket): void {
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    rest += chunk;
    for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
      socket.write(rest.startsWith('GET /10k') ? large : small);
      rest = rest.slice(end + 4);
    }
  });
}

async function listen(port: number): Promise<number> {
  const server = createServer({ noDelay: true }, serve);
  server.listen({ port, host: '127.0.0.1', backlog: 8_192, reusePort: true });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a server of TCP has a port');
  return address.port;
}

/** A socket accepts one connection in each turn of the event loop: of one alone, the upstream would be what is measured. */
const sockets = 64;

const port = await listen(0);
for (let more = 1; more < sockets; more += 1) await listen(port);
process.stdout.write(`${port}\n`);
