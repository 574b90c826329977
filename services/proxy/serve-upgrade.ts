import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Target } from '@kedge/shared/contracts';
import { chooseTarget } from './core/choose-target.ts';
import { type ErrorStatus, errorPage, rawErrorAnswer } from './core/error-page.ts';
import { forwardHeaders, plainAddress } from './core/forwarded-headers.ts';
import { type RequestFacts, readRequestHead } from './core/read-request-head.ts';
import { lookUp, type RoutedService } from './core/route-table.ts';
import type { Surroundings } from './passage.ts';
import type { UpgradeClient } from './ports.ts';

/** Upgraded connections. Each counts as an open request of its target until it ends. */
export interface UpgradeServer {
  serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>;
  /** Upgraded connections that are open now. */
  open(): number;
  /** Ends those that are still open: the proxy stops. */
  breakOff(): void;
}

type Place = { readonly service: RoutedService; readonly target: Target } | { readonly refused: ErrorStatus };

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
    const facts = readRequestHead({ method, target: url, httpVersion, rawHeaders });
    if (facts.kind === 'refuse') return refuse(socket, facts.status);
    const address = request.socket.remoteAddress;
    if (facts.body !== 'none' || address === undefined) return refuse(socket, 400);
    const trust = routes.current()?.trustForwarded ?? false;
    const headers = forwardHeaders({ facts, rawHeaders, peer: { address: plainAddress(address), protocol: 'http' }, trust });
    headers.push('Connection', 'Upgrade', 'Upgrade', 'websocket');
    request.url = facts.path;

    const tried = new Set<string>();
    const deadline = performance.now() + surroundings.holdTimeoutMs;
    while (!socket.destroyed) {
      const place = await findPlace(facts, { tried, deadline });
      if ('refused' in place) return refuse(socket, place.refused);
      const leave = enter(socket, place);
      const outcome = await upgrades.join({ target: place.target, request, socket, head, headers });
      if (outcome.kind === 'joined') return;
      leave();
      tried.add(place.target.id);
      log.warn({ service: place.service.name, target: place.target.id, reason: outcome.reason }, 'upstream failed');
    }
  }

  async function findPlace(
    facts: RequestFacts,
    { tried, deadline }: { readonly tried: ReadonlySet<string>; readonly deadline: number },
  ): Promise<Place> {
    for (;;) {
      const table = routes.current();
      if (!table) return { refused: 503 };
      const found = lookUp(table, facts.authority, facts.path);
      if (found.kind !== 'found') return { refused: found.kind === 'unknown' ? 404 : 400 };
      const { service } = found;
      const target = chooseTarget(service.ready, traffic.of(service.name).nextTurn(), tried);
      if (target) return { service, target };
      if (service.ready.length > 0 || !service.hold) return { refused: tried.size > 0 ? 502 : 503 };
      if (!(await routesChanged(deadline - performance.now()))) return { refused: 503 };
    }
  }

  async function routesChanged(waitMs: number): Promise<boolean> {
    return await new Promise((resolve) => {
      const leave =
        waitMs > 0 ? surroundings.holdRoom.enter(waitMs, { onChange: () => resolve(true), onExpired: () => resolve(false) }) : null;
      if (!leave) resolve(false);
    });
  }

  /** Counts the connection until its end, or until the returned function is called. */
  function enter(socket: Duplex, { service, target }: { readonly service: RoutedService; readonly target: Target }): () => void {
    const own = traffic.of(service.name);
    const startedAt = performance.now();
    let over = false;
    traffic.begin(target.id);
    own.begin();
    sockets.add(socket);
    const leave = () => {
      if (over) return;
      over = true;
      socket.off('close', leave);
      sockets.delete(socket);
      traffic.end(target.id);
      own.end(101, (performance.now() - startedAt) / 1_000);
    };
    socket.on('close', leave);
    return leave;
  }

  function refuse(socket: Duplex, status: ErrorStatus): void {
    const nobody = traffic.of(null);
    nobody.begin();
    nobody.end(status, 0);
    socket.end(rawErrorAnswer(errorPage(status)), () => socket.destroy());
  }

  return {
    serve,
    open: () => sockets.size,
    breakOff() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
