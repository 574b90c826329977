import type { Server } from 'node:http';
import { wait } from '@kedge/shared/kernel';
import type { UpgradeServer } from '../serve-upgrade.ts';
import type { Handshakes } from './handshakes.ts';
import type { Http2Sessions } from './http2-sessions.ts';
import type { ListeningSockets } from './listen-on.ts';
import type { Preambles } from './preambles.ts';

/** How long an idle connection stays after the last request ended: the client may have sent one just now. */
const idleGraceMs = 250;
const lookEveryMs = 25;

interface Draining {
  readonly listening: ListeningSockets;
  readonly upgrades: UpgradeServer;
  /** Those of whom nothing was asked yet. */
  readonly beginners: readonly (Handshakes | Preambles)[];
  readonly sessions: Http2Sessions;
  readonly drainMs: number;
}

/**
 * Takes nobody any more, lets requests under way end, and breaks off what is left after `drainMs`; resolves to the number of connections that were.
 */
export async function drainConnections(server: Server, { listening, upgrades, beginners, sessions, drainMs }: Draining): Promise<number> {
  const never = new AbortController().signal;
  const deadline = performance.now() + drainMs;
  await listening.close();
  upgrades.leave(drainMs);
  await Promise.race([listening.ended, wait(Math.min(idleGraceMs, drainMs), never)]);
  for (const each of beginners) each.breakOff();
  sessions.end();
  while (performance.now() < deadline && (await listening.connections()) > 0) {
    server.closeIdleConnections();
    await Promise.race([listening.ended, wait(lookEveryMs, never)]);
  }
  const left = await listening.connections();
  for (const each of beginners) each.breakOff();
  upgrades.breakOff();
  sessions.breakOff();
  server.closeAllConnections();
  await listening.ended;
  server.close(); // stops the checks of its time-outs
  return left;
}
