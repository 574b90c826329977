import { type Closable, errorMessage, startPeriodic } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { Door } from './keep-listening.ts';
import type { Routes } from './routes.ts';

interface HttpsDoorPorts {
  readonly routes: Routes;
  readonly openDoor: () => Promise<Door>;
  /** When only this door closes, because the settings say so: how long requests under way may take, in milliseconds. */
  readonly drainMs: number;
  readonly log: Logger;
  readonly ready: (state: boolean | string) => void;
}

/**
 * The door beside the plain one: while that is open, this one is too, unless the settings want plain HTTP alone. Closed as they say it is
 * ready, whether it was ever opened or not.
 */
export interface HttpsDoor {
  /** Null while it is closed. */
  port(): number | null;
  /** Where clients are sent: where it was last; null before it was open. */
  lastPort(): number | null;
  /** Resolves after the first attempt; while its address is taken, it is tried again. */
  open(): Promise<void>;
  /** Resolves to the number of connections that were broken off. It may be opened again. */
  close(drainMs: number): Promise<number>;
}

const retryMs = 1_000;

/** Opens nothing before `open`. */
export function createHttpsDoor({ routes, openDoor, drainMs, log, ready }: HttpsDoorPorts): HttpsDoor {
  let door: Door | null = null;
  let lastPort: number | null = null;
  let loop: (Closable & { wake(): void }) | null = null;

  const wanted = () => routes.current()?.strategy !== 'http-only';
  // Whether any door is open at all is decided at the plain one.
  const mayBeClosed = () => !wanted() || routes.current()?.enabled === false;

  async function adjust(): Promise<void> {
    if (wanted() && !door) await unlock();
    else if (!wanted() && door) await shut(drainMs);
    if (mayBeClosed()) ready(true);
  }

  async function unlock(): Promise<void> {
    try {
      door = await openDoor();
      lastPort = door.port;
      ready(true);
      log.info({ httpsPort: lastPort }, 'listening for HTTPS');
    } catch (thrown) {
      ready(`the listener for HTTPS cannot be opened: ${errorMessage(thrown)}`);
      log.error({ reason: errorMessage(thrown) }, 'the listener for HTTPS cannot be opened; trying again');
    }
  }

  async function shut(withinMs: number): Promise<number> {
    const leaving = door;
    door = null;
    return (await leaving?.close(withinMs)) ?? 0;
  }

  routes.onReplaced(() => {
    if (mayBeClosed()) ready(true);
    loop?.wake();
  });
  return {
    port: () => door?.port ?? null,
    lastPort: () => lastPort,
    async open() {
      await adjust();
      loop = startPeriodic({
        everyMs: retryMs,
        work: adjust,
        onError: (thrown) => log.error({ reason: errorMessage(thrown) }, 'the listener for HTTPS failed'),
      });
    },
    async close(withinMs) {
      await loop?.close();
      loop = null;
      return await shut(withinMs);
    },
  };
}

/** What opens and closes with the plain door. */
type Beside = Pick<HttpsDoor, 'open' | 'close'>;

/** All as one: the plain one decides, and they close together. */
export async function openTogether(openPlain: () => Promise<Door>, others: readonly Beside[]): Promise<Door> {
  const plain = await openPlain();
  for (const other of others) await other.open();
  return {
    port: plain.port,
    sockets: plain.sockets,
    async close(drainMs) {
      const brokenOff = await Promise.all([plain, ...others].map(async (each) => await each.close(drainMs)));
      return brokenOff.reduce((sum, count) => sum + count, 0);
    },
  };
}
