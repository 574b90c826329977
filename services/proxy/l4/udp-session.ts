import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Target } from '@kedge/shared/contracts';
import type { PortRoute } from '../core/port-table.ts';
import type { RouteTable } from '../core/route-table.ts';
import type { TargetTraffic, Traffic } from '../traffic.ts';
import { PortSearch, type SearchGround } from './port-search.ts';

/** What all clients share. */
export interface UdpGround extends SearchGround {
  readonly traffic: Pick<Traffic, 'of' | 'begin' | 'end' | 'openOf' | 'connections'>;
}

interface UdpClient {
  /** Of the port, as the table names it. */
  readonly key: string;
  readonly address: string;
  /** After so long without a datagram, in either direction, it is forgotten. */
  readonly idleMs: number;
  readonly reply: (datagram: Buffer) => void;
  /** Called once: whatever it says next begins anew. */
  readonly onEnd: () => void;
}

/** A socket to a target. */
interface Way {
  readonly target: Target;
  readonly port: PortRoute;
  readonly socket: Socket;
  readonly begun: TargetTraffic;
  isOpen: boolean;
}

/** Kept until the target answers, for another one if nobody is there; more are lost, as datagrams may be. */
const mostUnanswered = 16;
/** Nobody can see the end of anything: so long a silence passes for one where the target drains. */
const quietMs = 1_000;

/** One client of a port of UDP, who is told by address and port, and its way to a target: an open request of that until both are silent. */
export class UdpSession {
  readonly #in: UdpGround;
  readonly #client: UdpClient;
  readonly #search: PortSearch;
  /** Null once a target answered. */
  #unanswered: Buffer[] | null = [];
  #way: Way | null = null;
  #timer: NodeJS.Timeout;
  #hasEnded = false;

  constructor(ground: UdpGround, client: UdpClient) {
    this.#in = ground;
    this.#client = client;
    ground.traffic.connections.udp += 1;
    this.#timer = this.#endAfter(client.idleMs);
    this.#search = new PortSearch(ground, {
      key: client.key,
      client: client.address,
      onTarget: (target, port) => this.#take(target, port),
      onRefused: () => this.end(),
    });
  }

  /** The client begins with this. */
  begin(datagram: Buffer): void {
    this.#unanswered?.push(datagram);
    this.#search.look();
  }

  /** The client goes on with this. */
  hear(datagram: Buffer): void {
    this.#timer.refresh();
    if (this.#unanswered && this.#unanswered.length < mostUnanswered) this.#unanswered.push(datagram);
    if (this.#way?.isOpen) this.#way.socket.send(datagram);
  }

  /** A target that drains is left in the next silence; one that the table has no more, at once. */
  heed({ targets, readyTargets }: Pick<RouteTable, 'targets' | 'readyTargets'>): void {
    const id = this.#way?.target.id;
    if (id === undefined || readyTargets.has(id)) return;
    if (!targets.has(id)) {
      this.end();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = this.#endAfter(Math.min(this.#client.idleMs, quietMs));
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#search.leave();
    this.#leaveWay();
    this.#in.traffic.connections.udp -= 1;
    this.#client.onEnd();
  }

  #endAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.end(), ms);
  }

  #take(target: Target, port: PortRoute): void {
    const socket = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4');
    const way: Way = { target, port, socket, begun: this.#in.traffic.begin(target, port.service.name), isOpen: false };
    this.#way = way;
    // What was sent to where nobody listens comes back as an error of the socket (ICMP, RFC 1122 §4.1.3.3).
    socket.on('error', (error) => this.#failed(way, error.message));
    socket.on('message', (datagram) => this.#answer(way, datagram));
    socket.connect(port.container ?? target.port, target.address, () => {
      if (this.#way !== way) return;
      way.isOpen = true;
      for (const datagram of this.#unanswered ?? []) socket.send(datagram);
    });
  }

  #answer({ target }: Way, datagram: Buffer): void {
    if (this.#hasEnded) return;
    this.#timer.refresh();
    if (this.#unanswered) this.#in.avoidance.forgive(target.id);
    this.#unanswered = null;
    this.#client.reply(datagram);
  }

  #failed(way: Way, reason: string): void {
    if (this.#way !== way) return;
    const { target, port, begun } = way;
    begun.tally.connectFailures += 1;
    this.#leaveWay();
    if (this.#unanswered) {
      this.#search.failed(target, { port, reason });
      return;
    }
    this.#in.avoidance.avoid(target.id);
    this.end();
  }

  #leaveWay(): void {
    if (!this.#way) return;
    const { socket, begun } = this.#way;
    this.#way = null;
    socket.close();
    this.#in.traffic.end(begun);
  }
}
