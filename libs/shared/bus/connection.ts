import { type Closable, errorMessage, RetryableError, wait } from '../kernel/index.ts';
import type { BusMetrics } from './bus-metrics.ts';
import { type Link, type LinkOptions, openLink } from './link.ts';

/** How long a call waits for a connection, in milliseconds, before it says BUS_UNAVAILABLE. */
export const patienceMs = 5_000;

/** The life of one connection: opened in the background, restored for ever. */
export interface Connection extends Closable {
  /** Resolves as soon as there is a link that is connected; rejects with BUS_UNAVAILABLE after `waitMs` (default 5 s). */
  link(waitMs?: number): Promise<Link>;
  /**
   * Makes a call on the link. Rejects with BUS_UNAVAILABLE when there is none within 5 s, and as soon as it breaks: what was asked before
   * that is never answered, and waiting for it would only delay what heals.
   */
  during<Result>(call: (link: Link) => Promise<Result>): Promise<Result>;
  /** Calls back once, now or when the link opens; the client itself restores subscriptions after a reconnect. */
  whenOpen(listener: (link: Link) => void): void;
  onReconnect(listener: () => void): void;
  isConnected(): boolean;
  /** Monotonic milliseconds since the connection was (re)established; 0 while disconnected. */
  connectedForMs(): number;
  /** Counts reconnects, so that what was read before one can be told from what was read after. */
  generation(): number;
  /** Aborted when the connection is closed. */
  readonly signal: AbortSignal;
}

/** Begins to connect at once, and tries for ever; only a key that cannot be read ends it (BUS_KEY_MISSING). */
export function createConnection(options: Omit<LinkOptions, 'signal'> & { readonly metrics: BusMetrics }): Connection {
  const { url, log, metrics } = options;
  const closing = new AbortController();
  const reconnected: (() => void)[] = [];
  const waitingForLink: ((link: Link) => void)[] = [];
  let generation = 0;
  let connectedSince: number | null = null;
  let current: Link | null = null;
  let regained = Promise.withResolvers<Link>();
  const interrupted = new Set<() => void>();

  const opening = open();

  async function open(): Promise<Link | null> {
    try {
      const opened = await openLink({ ...options, signal: closing.signal });
      if (!opened) return null;
      current = opened;
      connectedSince = performance.now();
      log.info({ url }, 'connected to the bus');
      void followStatus(opened);
      for (const listener of waitingForLink.splice(0)) listener(opened);
      return opened;
    } catch (thrown) {
      // Only what waiting cannot mend gets here; every call reports it through link().
      log.error({ reason: errorMessage(thrown) }, 'the bus cannot be joined');
      throw thrown;
    }
  }
  opening.catch(() => closing.abort());

  async function followStatus(opened: Link): Promise<void> {
    for await (const status of opened.connection.status()) {
      switch (status.type) {
        case 'disconnect': {
          connectedSince = null;
          regained = Promise.withResolvers();
          for (const interrupt of interrupted) interrupt();
          log.warn('the bus is away');
          break;
        }
        case 'reconnect': {
          connectedSince = performance.now();
          generation += 1;
          metrics.reconnects.inc();
          log.info('the bus is back');
          regained.resolve(opened);
          for (const listener of reconnected) listener();
          break;
        }
        case 'error': {
          log.warn({ reason: errorMessage(status.error) }, 'the bus reported an error');
          break;
        }
      }
    }
  }

  async function link(waitMs = patienceMs): Promise<Link> {
    if (current && connectedSince !== null) return current;
    const answered = new AbortController();
    try {
      const patience = wait(waitMs, AbortSignal.any([answered.signal, closing.signal]));
      const connected = await Promise.race([opening.then(async (opened) => opened && (await untilConnected(opened))), patience]);
      if (connected !== null && typeof connected === 'object') return connected;
    } finally {
      answered.abort();
    }
    throw new RetryableError('BUS_UNAVAILABLE', `the bus at ${url} does not answer; is the stack running?`);
  }

  async function untilConnected(opened: Link): Promise<Link> {
    return connectedSince === null ? await regained.promise : opened;
  }

  async function during<Result>(call: (used: Link) => Promise<Result>): Promise<Result> {
    const used = await link();
    const { promise: broken, reject } = Promise.withResolvers<never>();
    const interrupt = () => reject(new RetryableError('BUS_UNAVAILABLE', `the connection to the bus at ${url} broke before it answered`));
    interrupted.add(interrupt);
    try {
      return await Promise.race([call(used), broken]);
    } finally {
      interrupted.delete(interrupt);
    }
  }

  return {
    link,
    during,
    whenOpen(listener) {
      if (current) listener(current);
      else waitingForLink.push(listener);
    },
    onReconnect: (listener) => void reconnected.push(listener),
    isConnected: () => connectedSince !== null,
    connectedForMs: () => (connectedSince === null ? 0 : performance.now() - connectedSince),
    generation: () => generation,
    signal: closing.signal,
    async close() {
      closing.abort();
      const isAway = connectedSince === null;
      connectedSince = null;
      if (!current || current.connection.isClosed()) return;
      // Nothing can be drained while the bus is away.
      await (isAway ? current.connection.close() : current.connection.drain());
    },
  };
}
