import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Arrived, admitRequest } from './admit-request.ts';
import { errorPage, rawAnswer, type ShortAnswer } from './core/error-page.ts';
import type { UpgradeClient } from './ports.ts';
import { noteRefusal } from './refusals.ts';
import type { Surroundings } from './surroundings.ts';
import { type OnJoined, UpgradePassage } from './upgrade-passage.ts';

/** A request for an upgraded connection. */
export interface AskedUpgrade {
  readonly arrived: Arrived;
  /** What the target is asked with; its headers are made anew. */
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that came after the request head. */
  readonly head: Buffer;
}

/** Requests for upgraded connections. */
export interface UpgradeServer {
  serve(asked: AskedUpgrade): Promise<void>;
  /** Only these targets (by id) are in service: WebSockets to others are told that they go away, not all in the same moment. */
  keepOnly(targets: ReadonlySet<string>): void;
  /** The proxy stops within this time: WebSockets that are still open in its second half are told that it goes away, not all in the same moment. */
  leave(withinMs: number): void;
  /** Ends those that are still open or wait to be joined: the proxy stops. */
  breakOff(): void;
}

interface Joined {
  readonly target: string;
  readonly sayGoodbye: () => void;
}

/** Who is told at once comes back at once, all at the same time. */
const goneSpreadMs = 1_000;

/** True for requests that leave HTTP; other `Upgrade` offers stay unanswered, which RFC 9110 §7.8 allows. */
export function isUpgrade(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Each socket that it is handed is closed by it, at the latest by `breakOff`. */
export function createUpgradeServer(surroundings: Surroundings, upgrades: UpgradeClient): UpgradeServer {
  const { traffic, log } = surroundings;
  const sockets = new Set<Duplex>();
  const joined = new Map<Duplex, Joined>();

  function sayLater({ sayGoodbye }: Joined, { afterMs, spreadMs }: { readonly afterMs: number; readonly spreadMs: number }): void {
    setTimeout(sayGoodbye, afterMs + Math.random() * spreadMs).unref();
  }

  async function serve({ arrived, request, socket, head }: AskedUpgrade): Promise<void> {
    // Without a listener a reset by the client would end the process.
    socket.on('error', (error) => log.debug({ reason: error.message }, 'upgraded connection broke'));
    sockets.add(socket);
    socket.once('close', () => {
      sockets.delete(socket);
      joined.delete(socket);
    });
    const onJoined: OnJoined = ({ id }, sayGoodbye) => {
      if (socket.destroyed) return;
      joined.set(socket, { target: id, sayGoodbye });
      traffic.connections.websocket += 1;
      socket.once('close', () => {
        traffic.connections.websocket -= 1;
      });
    };
    const admission = admitRequest(arrived, surroundings);
    const conclude = (page: ShortAnswer, reason: string | null = null) => {
      const { method, target: path, peer } = arrived;
      noteRefusal(surroundings, { status: page.status, protocol: 'websocket', method, path, client: peer?.address ?? null, reason });
      answer(socket, page);
    };
    if (admission.kind === 'refuse') return conclude(errorPage(admission.status), admission.reason);
    if (admission.kind === 'redirect') return conclude(admission.answer);
    if (admission.kind === 'gone' || admission.asked.facts.body !== 'none') return conclude(errorPage(400));
    const { asked } = admission;
    const told = await new UpgradePassage(surroundings, { upgrades, asked, upgrade: { request, socket, head }, onJoined }).run();
    if (told !== null) answer(socket, told);
  }

  function answer(socket: Duplex, page: ShortAnswer): void {
    socket.end(rawAnswer(page), 'latin1', () => socket.destroy());
  }

  return {
    serve,
    keepOnly(targets) {
      for (const [socket, each] of joined) {
        if (targets.has(each.target)) continue;
        joined.delete(socket);
        sayLater(each, { afterMs: 0, spreadMs: goneSpreadMs });
      }
    },
    leave(withinMs) {
      for (const each of joined.values()) sayLater(each, { afterMs: withinMs / 2, spreadMs: withinMs / 4 });
    },
    breakOff() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
