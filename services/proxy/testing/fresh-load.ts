import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';

interface Lost {
  /** By the monotonic clock, in milliseconds. */
  readonly at: number;
  /** `ECONNREFUSED`, `ECONNRESET` … or the status of an answer that is none of the upstream's. */
  readonly reason: string;
  /** True when some of the answer had come. */
  readonly begun: boolean;
}

/** Clients that make a connection of their own for every request. */
export interface FreshLoad {
  answered(): number;
  /** Lets requests under way end; resolves to what was not answered with 200. */
  stop(): Promise<{ readonly answered: number; readonly lost: readonly Lost[] }>;
}

/**
 * How many of them the kernel may reset when one of two listeners closes: each has one connection at a time, and it may be on its way into the
 * queue at that very moment. None where the kernel hands them to the other listener.
 */
export async function mayBeReset(clients: number): Promise<number> {
  const migrates = await readFile('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').catch(() => '0');
  return migrates.trim() === '1' ? 0 : clients;
}

const agent = new Agent({ keepAlive: false });

export function freshLoad(port: number, clients = 4): FreshLoad {
  const lost: Lost[] = [];
  let answered = 0;
  let going = true;

  async function client(): Promise<void> {
    while (going) {
      const outcome = await ask(port);
      if (outcome === null) answered += 1;
      else lost.push({ at: performance.now(), ...outcome });
    }
  }

  const all = Array.from({ length: clients }, client);
  return {
    answered: () => answered,
    async stop() {
      going = false;
      await Promise.all(all);
      return { answered, lost };
    },
  };
}

/** Resolves to what went wrong, null when nothing did. */
async function ask(port: number): Promise<Pick<Lost, 'reason' | 'begun'> | null> {
  return await new Promise((resolve) => {
    let begun = false;
    const sent = request({ host: '127.0.0.1', port, agent, headers: { host: 'web.test' } }, (response) => {
      begun = true;
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? null : { reason: String(response.statusCode), begun }));
      response.on('error', (error) => resolve({ reason: codeOf(error), begun }));
    });
    sent.on('error', (error) => resolve({ reason: codeOf(error), begun }));
    sent.end();
  });
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : error.message;
}
