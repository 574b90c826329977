import type { Target } from '@kedge/shared/contracts';
import { counted } from '@kedge/shared/kernel';
import type { TlsTerms } from '../core/dial.ts';
import { maySend } from '../core/send-pace.ts';
import type { LoopLoad } from './loop-load.ts';
import { type ConnectionEvents, type TlsDialing, UpstreamConnection } from './upstream-connection.ts';
import type { Exchange } from './upstream-exchange.ts';

/** What one target may cost; durations in milliseconds. */
export interface PoolSettings {
  readonly connectTimeoutMs: number;
  /** Until the head of an answer; 0: for ever. */
  readonly answerTimeoutMs: number;
  readonly idleMs: number;
  /** Open connections at the same time. */
  readonly connections: number;
  /** Requests that may wait for one of them. */
  readonly queue: number;
}

interface PoolOptions {
  readonly target: Target;
  /** Null: without TLS. */
  readonly tls: TlsTerms | null;
  readonly settings: PoolSettings;
  /** Of all connections to all targets: each read is dealt with before the next one happens. */
  readonly readBuffer: Buffer;
  readonly load: LoopLoad;
}

/** A request that has no connection yet. */
interface Waiting {
  readonly exchange: Exchange;
  /** Milliseconds of a clock that never goes back. */
  readonly since: number;
}

/**
 * With this many idle connections at hand, a request that needs a fresh one asks the upstream to close it afterwards. So a stream of uploads
 * neither piles up connections nor leaves our side in TIME_WAIT, which would use up the local ports towards one target.
 */
const enoughIdle = 32;
/** A connection is given up this long before the upstream said that it would close it. */
const keepAliveMarginMs = 1_000;
/** How often it is looked whether those who wait may go although nobody made room for them. */
const lookMs = 10;
/** Nobody waits for the end of requests that last so long: it may never come. */
const lastingMs = 500;

/** The connections to one target: last in, first out, so that a quiet time lets the surplus ones age and close. */
export class UpstreamPool implements ConnectionEvents {
  readonly target: Target;
  /** What TLS with this target has in common: later connections go on with the session of the first. */
  readonly #tls: TlsDialing | null;
  #settings: PoolSettings;
  #readBuffer: Buffer;
  readonly #load: LoopLoad;
  #idle: UpstreamConnection[] = [];
  #open = new Set<UpstreamConnection>();
  #waiting: Waiting[] = [];
  #look: NodeJS.Timeout | null = null;
  /** Requests that lasted so long at the last look. */
  #lasting = 0;
  #retired = false;

  constructor({ target, tls, settings, readBuffer, load }: PoolOptions) {
    this.target = target;
    this.#tls = tls && { ...tls, session: null };
    this.#settings = settings;
    this.#readBuffer = readBuffer;
    this.#load = load;
  }

  get size(): number {
    return this.#open.size;
  }

  submit(exchange: Exchange): void {
    if (exchange.over || (this.#maySend(0) && this.#send(exchange))) return;
    // Clients that left have no place to take.
    if (this.#waiting.length >= this.#settings.queue) this.#waiting = this.#waiting.filter(({ exchange: { over } }) => !over);
    if (this.#waiting.length < this.#settings.queue) {
      this.#waiting.push({ exchange, since: performance.now() });
      this.#look ??= setTimeout(() => this.#lookAgain(), lookMs);
    } else {
      const [taken, waiting] = [counted(this.#open.size, 'connection'), counted(this.#waiting.length, 'request')];
      exchange.fail({ kind: 'busy', reason: `${taken} taken, ${waiting} waiting` });
    }
  }

  /** Nobody asks for this target any more: idle connections close now, requests without a connection look for another target. */
  retire(): void {
    this.#retired = true;
    const failure = { kind: 'retired', reason: 'the target left service' } as const;
    for (const connection of this.#idle.splice(0)) connection.destroy();
    for (const connection of this.#open) connection.stopConnecting(failure);
    for (const { exchange } of this.#waiting.splice(0)) exchange.fail(failure);
  }

  destroy(): void {
    this.retire();
    for (const connection of this.#open) connection.destroy();
  }

  /** Closes connections that were idle for too long. To be called twice a second. */
  sweep(now: number): void {
    this.#lasting = 0;
    for (const connection of this.#open) if (connection.carriesSince(now - lastingMs)) this.#lasting += 1;
    this.#idle = this.#idle.filter((connection) => {
      if (this.#isFresh(connection, now)) return true;
      connection.destroy();
      return false;
    });
  }

  onFree(connection: UpstreamConnection): void {
    const next = this.#nextWaiting(1);
    if (next?.request.repeatable) {
      connection.carry(next);
    } else if (next) {
      // It needs a fresh connection, and the bound leaves room for one only when this one goes.
      this.#open.delete(connection);
      connection.destroy();
      this.#dial(next);
    } else if (this.#retired) {
      connection.destroy();
    } else {
      connection.idleSince = performance.now();
      if (this.#isFresh(connection, connection.idleSince)) this.#idle.push(connection);
      else connection.destroy();
    }
  }

  onClosed(connection: UpstreamConnection, again: Exchange | null): void {
    this.#open.delete(connection);
    const index = this.#idle.lastIndexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
    // Never on another used connection: the upstream may have closed all of them.
    if (again) this.#dial(again);
    else if (this.#open.size < this.#settings.connections) {
      const next = this.#nextWaiting(0);
      if (next) this.#dial(next);
    }
  }

  /** True for a request that has a connection now; false where the bound leaves no room for one. */
  #send(exchange: Exchange): boolean {
    const connection = exchange.request.repeatable ? this.#takeIdle() : null;
    if (connection) connection.carry(exchange);
    else if (this.#open.size < this.#settings.connections || this.#closeOldestIdle()) this.#dial(exchange);
    else return false;
    return true;
  }

  #maySend(waitedMs: number, freed = 0): boolean {
    const atTarget = this.#open.size - this.#idle.length - this.#lasting - freed;
    return maySend({ atTarget, isBusy: this.#load.isBusy, waitedMs });
  }

  /** Who waits for longest comes first. */
  #lookAgain(): void {
    const now = performance.now();
    let [first] = this.#waiting;
    while (first && (first.exchange.over || (this.#maySend(now - first.since) && this.#send(first.exchange)))) {
      this.#waiting.shift();
      [first] = this.#waiting;
    }
    this.#look = first ? setTimeout(() => this.#lookAgain(), lookMs) : null;
  }

  #dial(exchange: Exchange): void {
    const lastOne = !exchange.request.repeatable && this.#idle.length >= enoughIdle;
    const { connectTimeoutMs, answerTimeoutMs } = this.#settings;
    const { target } = this;
    this.#open.add(
      new UpstreamConnection({
        first: exchange,
        lastOne,
        target,
        tls: this.#tls,
        connectTimeoutMs,
        answerTimeoutMs,
        readBuffer: this.#readBuffer,
        events: this,
      }),
    );
  }

  #takeIdle(): UpstreamConnection | null {
    const now = performance.now();
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (this.#isFresh(connection, now) && !connection.socket.destroyed) return connection;
      connection.destroy();
    }
    return null;
  }

  #closeOldestIdle(): boolean {
    const oldest = this.#idle.shift();
    if (!oldest) return false;
    this.#open.delete(oldest);
    oldest.destroy();
    return true;
  }

  /** Who gets the place that was freed; null where nobody may go yet. */
  #nextWaiting(freed: number): Exchange | null {
    for (let [next] = this.#waiting; next; [next] = this.#waiting) {
      if (!next.exchange.over && !this.#maySend(performance.now() - next.since, freed)) return null;
      this.#waiting.shift();
      if (!next.exchange.over) return next.exchange;
    }
    return null;
  }

  #isFresh({ idleSince, keepAliveMs }: UpstreamConnection, now: number): boolean {
    const { idleMs } = this.#settings;
    return now - idleSince < (keepAliveMs === null ? idleMs : Math.min(idleMs, keepAliveMs - keepAliveMarginMs));
  }
}
