import { connect, type Socket } from 'node:net';
import type { Target } from '@kedge/shared/contracts';
import type { Logger } from '@kedge/shared/service';
import type { Avoidance } from '../avoidance.ts';
import { chooseTarget } from '../core/choose-target.ts';
import { clientKey } from '../core/client-key.ts';
import type { CompiledBalancing } from '../core/compile-balancing.ts';
import { placeOf } from '../core/dial.ts';
import { planWait, type WaitLimits } from '../core/plan-wait.ts';
import type { PortRoute } from '../core/port-table.ts';
import { bareAddress, proxyPreamble } from '../core/proxy-preamble.ts';
import type { RoutedService } from '../core/route-table.ts';
import { spread } from '../core/spread.ts';
import type { HoldRoom } from '../hold-room.ts';
import type { Routes } from '../routes.ts';
import type { Traffic } from '../traffic.ts';
import { joinSockets } from './join-sockets.ts';

/** What all connections share. */
export interface PortGround extends WaitLimits {
  readonly routes: Pick<Routes, 'current'>;
  readonly traffic: Pick<Traffic, 'of' | 'begin' | 'end' | 'openOf' | 'underWay' | 'connections'>;
  readonly avoidance: Avoidance;
  readonly holdRoom: HoldRoom;
  readonly connectTimeoutMs: number;
  readonly log: Logger;
}

/** Of connections on which nobody says anything: whose other end vanished is noticed. */
const keepAliveMs = 60_000;

/** One client's connection on a port, and its way to a target. It is an open request of that target until both are done with each other. */
export class PortConnection {
  readonly #in: PortGround;
  readonly #client: Socket;
  /** Of the port, as the table names it. */
  readonly #key: string;
  readonly #startedAt = performance.now();
  #target: Target | null = null;
  #socket: Socket | null = null;
  #joined = false;
  #tried: Set<string> | null = null;
  #troubledAt: number | null = null;
  #rounds = 0;
  #leaveRoom: (() => void) | null = null;

  constructor(ground: PortGround, { client, key }: { readonly client: Socket; readonly key: string }) {
    this.#in = ground;
    this.#client = client;
    this.#key = key;
  }

  /** `onEnd` is called once, when the client's side is closed. The client was not read yet. */
  begin(onEnd: () => void): void {
    const ended = this.#in.traffic.underWay.begin();
    // What a socket complains of, its `close` tells as well.
    this.#client.on('error', () => undefined);
    this.#client.once('close', () => {
      this.#leaveRoom?.();
      if (!this.#joined) this.#socket?.destroy();
      ended();
      onEnd();
    });
    this.#look();
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

  /** Looks the port up afresh each time: the table may have changed since the last attempt. */
  #look(): void {
    this.#leaveRoom = null;
    if (this.#client.destroyed) return;
    const port = this.#in.routes.current()?.ports.get(this.#key);
    if (!port) {
      this.#refuse();
      return;
    }
    const { name, ready, hold, balancing } = port.service;
    const turn = this.#in.traffic.of(name).nextTurn();
    const ordered = balancing === null ? ready : this.#spread(port.service, balancing, turn);
    const first = balancing === null ? turn : 0;
    const target = chooseTarget(ordered, { turn: first, tried: this.#tried, isAvoided: this.#in.avoidance.isAvoided });
    if (target) this.#connect(target, port);
    else this.#wait(ready.length === 0 && hold);
  }

  /** Of a connection nothing is known but where it comes from. */
  #spread({ ready }: RoutedService, balancing: CompiledBalancing, turn: number): readonly Target[] {
    const client = () => bareAddress(this.#client.remoteAddress);
    return spread(ready, { balancing, turn, chance: Math.random(), openOf: this.#in.traffic.openOf, rawHeaders: [], client });
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
      if (!this.#joined) this.#failed(target, { port, reason });
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

  /** Nothing was sent to it. */
  #failed(target: Target, { port, reason }: { readonly port: PortRoute; readonly reason: string }): void {
    const { routes, avoidance, log } = this.#in;
    if (this.#client.destroyed) return;
    if (routes.current()?.targets.has(target.id)) {
      const level = this.#rounds === 0 ? 'warn' : 'debug';
      log[level]({ service: port.service.name, target: target.id, port: port.host, reason }, 'no connection to a target');
      avoidance.avoid(target.id);
    }
    this.#tried ??= new Set();
    this.#tried.add(target.id);
    this.#troubledAt ??= performance.now();
    this.#look();
  }

  #wait(held: boolean): void {
    const wait = planWait(
      {
        held,
        elapsedMs: performance.now() - this.#startedAt,
        trouble: this.#troubledAt === null ? null : 'unreachable',
        troubledMs: this.#troubledAt === null ? 0 : performance.now() - this.#troubledAt,
        rounds: this.#rounds,
      },
      this.#in,
    );
    if (wait.kind === 'wait') {
      const look = () => this.#look();
      const refuse = () => this.#refuse();
      this.#tried = null;
      if (!held) this.#rounds += 1;
      this.#leaveRoom = this.#in.holdRoom.enter(wait.waitMs, {
        client: clientKey(bareAddress(this.#client.remoteAddress)),
        since: this.#startedAt,
        onChange: look,
        onExpired: wait.afterwards === 'try-again' ? look : refuse,
        onPushedOut: refuse,
      });
      if (this.#leaveRoom) return;
    }
    this.#refuse();
  }

  /** In a protocol that nobody here knows, a reset is the only answer that everybody understands. */
  #refuse(): void {
    this.#client.resetAndDestroy();
  }
}
