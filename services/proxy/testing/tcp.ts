import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** Somebody who listens on the loopback interface, for tests. */
export interface TcpUpstream {
  readonly port: number;
  /** Who is connected now. */
  readonly open: ReadonlySet<Socket>;
  readonly accepted: () => number;
  /** Listens no more. */
  close(): Promise<void>;
}

/** Starts one that lets its half open when the other one ends; it goes with the test. */
export async function startTcp(t: TestContext, onConnection: (socket: Socket) => void, port = 0): Promise<TcpUpstream> {
  const open = new Set<Socket>();
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    for (const socket of open) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  t.after(close);
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, open, accepted: () => accepted, close };
}

/** Sends back what it gets, and ends when the other one does. */
export function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** A port of the loopback interface that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** A client of a port. */
export interface TcpClient {
  readonly socket: Socket;
  readonly received: () => string;
  /** Resolves once the other one said all; also when it broke off, which `brokenBy` tells. */
  readonly ended: Promise<void>;
  readonly brokenBy: () => string | null;
}

/** Connects at once; what the other one says is collected. */
export function dial(t: TestContext, port: number): TcpClient {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const pieces: Buffer[] = [];
  let broken: string | null = null;
  const ended = new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  });
  socket.on('data', (piece: Buffer) => void pieces.push(piece));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    broken = error.code ?? error.message;
  });
  t.after(() => socket.destroy());
  return { socket, ended, received: () => Buffer.concat(pieces).toString('latin1'), brokenBy: () => broken };
}
