import { connect, type Socket } from 'node:net';
import type { Target } from '@kedge/shared/contracts';
import { placeOf } from '../core/dial.ts';
import type { PortRoute } from '../core/port-table.ts';
import { bareAddress, proxyPreamble } from '../core/proxy-preamble.ts';
import type { Traffic } from '../traffic.ts';
import { joinSockets } from './join-sockets.ts';
import { PortSearch, type SearchGround } from './port-search.ts';

/** What all connections share. */
export interface PortGround extends SearchGround {
  readonly traffic: Pick<Traffic, 'of' | 'begin' | 'end' | 'openOf' | 'underWay' | 'connections'>;
  readonly connectTimeoutMs: number;
}

/** Of connections on which nobody says anything: whose other end vanished is noticed. */
const keepAliveMs = 60_000;

/** One client's connection on a port, and its way to a target. It is an open request of that target until both are done with each other. */
export class PortConnection {
  readonly #in: PortGround;
  readonly #client: Socket;
  readonly #search: PortSearch;
  #target: Target | null = null;
  #socket: Socket | null = null;
  #joined = false;

  /** `key` names the port, as the table does. */
  constructor(ground: PortGround, { client, key }: { readonly client: Socket; readonly key: string }) {
    this.#in = ground;
    this.#client = client;
    this.#search = new PortSearch(ground, {
      key,
      client: bareAddress(client.remoteAddress),
      onTarget: (target, port) => this.#connect(target, port),
      // In a protocol that nobody here knows, a reset is the only answer that everybody understands.
      onRefused: () => client.resetAndDestroy(),
    });
  }

  /** `onEnd` is called once, when the client's side is closed. The client was not read yet. */
  begin(onEnd: () => void): void {
    const ended = this.#in.traffic.underWay.begin();
    // What a socket complains of, its `close` tells as well.
    this.#client.on('error', () => undefined);
    this.#client.once('close', () => {
      this.#search.leave();
      if (!this.#joined) this.#socket?.destroy();
      ended();
      onEnd();
    });
    if (!this.#client.destroyed) this.#search.look();
  }

  /** Its target has left for good: nobody there will say anything more. Who is not joined yet gets another one. */
  retireFrom(targets: ReadonlySet<string>): void {
    if (this.#target === null || targets.has(this.#target.id)) return;
    if (this.#joined) this.breakOff();
    else this.#socket?.destroy();
  }

  breakOff(): void {
    this.#client.destroy();
    this.#socket?.destroy();
  }

  #connect(target: Target, port: PortRoute): void {
    const { traffic, connectTimeoutMs } = this.#in;
    const socket = connect({
      ...placeOf({ address: target.address, port: port.container ?? target.port }),
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
    });
    let reason = 'the connection was closed before it came about';
    this.#target = target;
    this.#socket = socket;
    const begun = traffic.begin(target, port.service.name);
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error(`no connection within ${connectTimeoutMs} ms`)));
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.once('connect', () => this.#join(socket, { target, port }));
    socket.once('close', () => {
      this.#target = null;
      this.#socket = null;
      if (!this.#joined) begun.tally.connectFailures += 1;
      traffic.end(begun);
      if (!this.#joined && !this.#client.destroyed) this.#search.failed(target, { port, reason });
    });
  }

  #join(socket: Socket, { target, port }: { readonly target: Target; readonly port: PortRoute }): void {
    const { idleMs, proxyProtocol } = port;
    const client = this.#client;
    this.#joined = true;
    this.#in.avoidance.forgive(target.id);
    socket.setTimeout(0);
    if (proxyProtocol) socket.write(proxyPreamble(proxyProtocol, client));
    joinSockets({ client, target: socket, idleMs });
  }
}
