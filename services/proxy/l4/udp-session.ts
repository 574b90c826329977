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

/** Kept for as long as nobody has them: more are lost, as datagrams may be. The first one is kept whatever its size. */
const mostKept = { datagrams: 16, bytes: 4_096 };
/** Somebody who is not there is told of within this time: then a target has what it was sent. */
const takenMs = 1_000;
/** Nobody can see the end of anything: so long a silence passes for one where the target drains. */
const quietMs = 1_000;

/** One client of a port of UDP, who is told by address and port, and its way to a target: an open request of that until both are silent. */
export class UdpSession {
  readonly #in: UdpGround;
  readonly #client: UdpClient;
  readonly #search: PortSearch;
  /** For another target, if nobody is at the first one; null once one has them. */
  #kept: Buffer[] | null = [];
  #keptBytes = 0;
  #way: Way | null = null;
  #timer: NodeJS.Timeout;
  #takenTimer: NodeJS.Timeout | null = null;
  #isLeaving = false;
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
    this.#keep(datagram);
    this.#search.look();
  }

  /** The client goes on with this. */
  hear(datagram: Buffer): void {
    this.#timer.refresh();
    this.#keep(datagram);
    if (this.#way?.isOpen) this.#way.socket.send(datagram);
  }

  /** A target that drains is left in the next silence; one that the table has no more, at once. */
  heed({ targets, readyTargets }: Pick<RouteTable, 'targets' | 'readyTargets'>): void {
    const id = this.#way?.target.id;
    if (id === undefined) return;
    if (!targets.has(id)) {
      this.end();
      return;
    }
    this.#setLeaving(!readyTargets.has(id));
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#takenTimer ?? undefined);
    this.#search.leave();
    this.#leaveWay();
    this.#in.traffic.connections.udp -= 1;
    this.#client.onEnd();
  }

  #keep(datagram: Buffer): void {
    if (this.#kept === null) return;
    const isRoom = this.#kept.length < mostKept.datagrams && this.#keptBytes + datagram.length <= mostKept.bytes;
    if (!isRoom && this.#kept.length > 0) return;
    this.#kept.push(datagram);
    this.#keptBytes += datagram.length;
  }

  #setLeaving(isLeaving: boolean): void {
    if (isLeaving === this.#isLeaving) return;
    this.#isLeaving = isLeaving;
    clearTimeout(this.#timer);
    this.#timer = this.#endAfter(isLeaving ? Math.min(this.#client.idleMs, quietMs) : this.#client.idleMs);
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
    // Not as what `connect` calls back: that is called when it fails, too.
    socket.once('connect', () => {
      if (this.#way !== way) return;
      way.isOpen = true;
      for (const datagram of this.#kept ?? []) socket.send(datagram);
      this.#takenTimer ??= setTimeout(() => {
        this.#kept = null;
      }, takenMs);
    });
    socket.connect(port.container ?? target.port, target.address);
  }

  #answer({ target }: Way, datagram: Buffer): void {
    if (this.#hasEnded) return;
    this.#timer.refresh();
    if (this.#kept) this.#in.avoidance.forgive(target.id);
    this.#kept = null;
    this.#client.reply(datagram);
  }

  #failed(way: Way, reason: string): void {
    if (this.#way !== way) return;
    const { target, port, begun } = way;
    begun.tally.connectFailures += 1;
    this.#leaveWay();
    this.#setLeaving(false);
    clearTimeout(this.#takenTimer ?? undefined);
    this.#takenTimer = null;
    if (this.#kept) {
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
