import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ErrorStatus, errorPage, rawErrorAnswer } from './core/error-page.ts';
import { forwardHeaders, plainAddress } from './core/forwarded-headers.ts';
import { readRequestHead } from './core/read-request-head.ts';
import type { UpgradeClient } from './ports.ts';
import type { Surroundings } from './surroundings.ts';
import { UpgradePassage } from './upgrade-passage.ts';

/** Requests for upgraded connections. */
export interface UpgradeServer {
  serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Ends those that are still open or wait to be joined: the proxy stops. */
  breakOff(): void;
}

/** True for requests that leave HTTP; other `Upgrade` offers stay unanswered, which RFC 9110 §7.8 allows. */
export function isUpgrade(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

export function createUpgradeServer(surroundings: Surroundings, upgrades: UpgradeClient): UpgradeServer {
  const { routes, traffic, log } = surroundings;
  const sockets = new Set<Duplex>();

  async function serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { rawHeaders, httpVersion, method = 'GET', url = '/' } = request;
    // Without a listener a reset by the client would end the process.
    socket.on('error', (error) => log.debug({ reason: error.message }, 'upgraded connection broke'));
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const facts = readRequestHead({ method, target: url, httpVersion, rawHeaders });
    if (facts.kind === 'refuse') return refuse(socket, facts.status);
    const address = request.socket.remoteAddress;
    if (facts.body !== 'none' || address === undefined) return refuse(socket, 400);
    const trust = routes.current()?.trustForwarded ?? false;
    const headers = forwardHeaders({ facts, rawHeaders, peer: { address: plainAddress(address), protocol: 'http' }, trust });
    headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
    request.url = facts.path;

    const refused = await new UpgradePassage(surroundings, upgrades, facts, { request, socket, head, headers }).run();
    if (refused !== null) answer(socket, refused);
  }

  function refuse(socket: Duplex, status: ErrorStatus): void {
    const nobody = traffic.of(null);
    nobody.begin();
    nobody.end(status, 0);
    answer(socket, status);
  }

  function answer(socket: Duplex, status: ErrorStatus): void {
    socket.end(rawErrorAnswer(errorPage(status)), () => socket.destroy());
  }

  return {
    serve,
    breakOff() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
