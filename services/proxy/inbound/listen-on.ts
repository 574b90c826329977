import type { Server } from 'node:net';
import { setImmediate as immediate } from 'node:timers/promises';

/** Connections may come faster than they are accepted. */
const queueMs = 500;
/** In a longer turn somebody may have come after the look at the queue. */
const shortTurnMs = 0.05;

/** An address to listen on, and whether others may listen there too. */
interface Place {
  readonly host: string;
  readonly reusePort?: true;
}

/** Listens, and resolves to the port that it got; others may listen there too, if they allow it as well. Rejects where the address cannot be had. */
export async function listenOn(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  return await firstSupported(host, async (place) => await listenOnce(server, { ...place, port }));
}

/** The first attempt that this machine is able to make: shared with others, if it can be, and on IPv4 alone where there is no IPv6. */
export async function firstSupported<Opened>(host: string, attempt: (place: Place) => Promise<Opened>): Promise<Opened> {
  const hosts = host === '::' ? [host, '0.0.0.0'] : [host];
  let refusal: unknown;
  for (const place of hosts.flatMap((each): Place[] => [{ host: each, reusePort: true }, { host: each }])) {
    try {
      return await attempt(place);
    } catch (thrown) {
      refusal = thrown;
      if (!isUnsupported(thrown)) throw thrown;
    }
  }
  throw refusal;
}

/**
 * Resolves right after a turn of the event loop in which nobody stood in the kernel's queue: closing resets whoever does. One connection is
 * accepted in each turn.
 */
export async function emptyQueue(server: Server): Promise<void> {
  let came = false;
  const note = () => {
    came = true;
  };
  server.on('connection', note);
  const deadline = performance.now() + queueMs;
  let tookMs = 0;
  do {
    came = false;
    const startedAt = performance.now();
    await immediate();
    tookMs = performance.now() - startedAt;
  } while ((came || tookMs > shortTurnMs) && performance.now() < deadline);
  server.off('connection', note);
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

function isUnsupported(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
  return code === 'ENOTSUP' || code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' || code === 'EINVAL' || code === 'ENOPROTOOPT';
}
