import { createServer, Server as NetServer, type Server, type ServerOpts } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';
import { firstSupported } from './place.ts';

/** Connections may come faster than they are accepted. */
const queueMs = 500;
/** In a longer turn somebody may have come after the look at the queue. */
const shortTurnMs = 0.05;

/** How each of its sockets takes connections. */
type SocketSettings = Pick<ServerOpts, 'allowHalfOpen' | 'pauseOnConnect' | 'noDelay' | 'keepAlive' | 'keepAliveInitialDelay'>;

interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Of each socket, as those of the server. */
  readonly settings: SocketSettings;
  /** As many connections are accepted in a turn of the event loop; fewer where the machine has no more sockets to give. */
  readonly sockets: number;
}

/** A server that listens. */
export interface ListeningSockets {
  /** The port that it got. */
  readonly port: number;
  /** Sockets that listen for it, in the tables of the kernel. */
  readonly sockets: number;
  /** Those that it accepted, and that are open. */
  connections(): Promise<number>;
  /**
   * Accepts nobody any more. Whoever stood in the kernel's queue was accepted before, because closing resets who stands there; where more come than
   * can be accepted, that ends after half a second.
   */
  close(): Promise<void>;
  /** Resolves when it is closed, and the last of its connections as well. */
  readonly ended: Promise<void>;
}

/**
 * Listens; others may listen there too, if they allow it as well. A socket accepts one connection in each turn of the event loop, which takes long
 * where thousands are busy: so there are many sockets, and who comes does not wait behind those who are there. Rejects where the address cannot be had.
 */
export async function listenOn(server: Server, { settings, sockets, ...place }: ListenOptions): Promise<ListeningSockets> {
  const { port, isShared, host } = await firstSupported(place.host, async ({ host, reusePort }) => {
    const got = await listenOnce(server, { host, port: place.port, ...(reusePort && { reusePort }) });
    return { port: got, host, isShared: reusePort === true };
  });
  const doors = [server];
  while (isShared && doors.length < sockets) {
    const door = createServer(settings, (socket) => server.emit('connection', socket));
    try {
      await listenOnce(door, { host, port, reusePort: true });
    } catch {
      break; // it takes fewer in a turn, and serves
    }
    door.on('error', (error) => server.emit('error', error));
    doors.push(door);
  }
  const ends = doors.map(async (door) => await new Promise<void>((resolve) => door.once('close', resolve)));
  return {
    port,
    sockets: doors.length,
    connections: async () => (await Promise.all(doors.map(connectionsOf))).reduce((sum, count) => sum + count, 0),
    close: async () => await closeInTurn(server, doors),
    ended: Promise.all(ends).then(() => undefined),
  };
}

/** Each is closed right after a turn of the event loop in which nobody stood in the queues. */
async function closeInTurn(server: Server, doors: readonly Server[]): Promise<void> {
  let came = false;
  const note = () => {
    came = true;
  };
  server.on('connection', note);
  const deadline = performance.now() + queueMs;
  const open = [...doors];
  while (open.length > 0) {
    came = false;
    const startedAt = performance.now();
    await immediate();
    const now = performance.now();
    const isQuiet = !came && now - startedAt <= shortTurnMs;
    // The close of an HTTP server would end idle connections at once, also one on which a request is arriving just now.
    for (const door of open.splice(0, now >= deadline ? open.length : Number(isQuiet))) NetServer.prototype.close.call(door);
  }
  server.off('connection', note);
}

async function connectionsOf(server: Server): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

async function listenOnce(server: Server, options: { host: string; port: number; reusePort?: boolean }): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...options, backlog: 4_096 }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : options.port);
    });
  });
}
