import type { Buffer } from 'node:buffer';
import type { OnReadOpts } from 'node:net';
import { connect as connectTls, type TLSSocket, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { Target } from '@kedge/shared/contracts';
import { type AnswerEnd, AnswerReader } from '../core/answer-reader.ts';
import { dialReason, placeOf, type TlsTerms, tlsOptions } from '../core/dial.ts';
import { writeRequestHead } from '../core/forwarded-headers.ts';
import type { UpstreamFailure } from '../ports.ts';
import { PatientSocket } from './patient-socket.ts';
import type { Exchange } from './upstream-exchange.ts';

/** What the pool of a target hears from its connections. */
export interface ConnectionEvents {
  /** The answer is complete, and the connection may carry another request. */
  onFree(connection: UpstreamConnection): void;
  /** Called once, whatever the reason; the exchange that was under way was told before or is handed back here to be sent again. */
  onClosed(connection: UpstreamConnection, again: Exchange | null): void;
}

/** TLS with one target. */
export interface TlsDialing extends TlsTerms {
  /** Of the last connection (RFC 8446 §2.2). */
  session: Buffer | null;
}

interface ConnectionOptions {
  /** The exchange that it is made for. */
  readonly first: Exchange;
  /** True: the upstream is asked to close the connection after that one. */
  readonly lastOne: boolean;
  readonly target: Target;
  /** Null: without TLS. */
  readonly tls: TlsDialing | null;
  readonly connectTimeoutMs: number;
  /** From the last piece of a request to the head of its answer; 0: for ever. */
  readonly answerTimeoutMs: number;
  /** Used by all connections, because each read is dealt with before the next one happens. */
  readonly readBuffer: Buffer;
  readonly events: ConnectionEvents;
}

/** How long an upstream that was told to close the connection may take, before we do. */
const lastCloseMs = 1_000;

/** One HTTP/1.1 connection to a target: carries one exchange at a time and is reused only when nothing about it is in doubt. */
export class UpstreamConnection {
  readonly socket: PatientSocket | TLSSocket;
  /** Answers that came over it so far. */
  served = 0;
  idleSince = 0;
  /** What the upstream said about how long it keeps an idle connection. */
  keepAliveMs: number | null = null;
  #events: ConnectionEvents;
  #readBuffer: Buffer;
  #exchange: Exchange | null;
  #connected = false;
  #lastOne: boolean;
  #sentAt = Number.POSITIVE_INFINITY;
  readonly #answerTimeoutMs: number;
  #reader: AnswerReader | null = null;
  #reason = 'the connection was closed';

  /** Connects and then carries `first`. */
  constructor({ first, lastOne, target, tls, connectTimeoutMs, answerTimeoutMs, readBuffer, events }: ConnectionOptions) {
    this.#events = events;
    this.#readBuffer = readBuffer;
    this.#exchange = first;
    this.#lastOne = lastOne;
    this.#answerTimeoutMs = answerTimeoutMs;
    first.attach(this);
    const onread = { buffer: readBuffer, callback: (length: number) => this.#read(length) };
    this.socket = tls ? dialTls({ target, tls, headers: first.request.headers, onread }) : dialPlain({ target, onread });
    this.socket.setNoDelay(true);
    this.socket.setTimeout(connectTimeoutMs);
    this.socket.on(tls ? 'secureConnect' : 'connect', () => this.#onConnect());
    this.socket.on('drain', () => this.#exchange?.listener.onDrain());
    this.socket.on('timeout', () => this.#onTimeout());
    this.socket.on('end', () => this.#onEnd());
    this.socket.on('error', (error) => {
      this.#reason = dialReason(error);
    });
    this.socket.on('close', () => this.#onClose());
  }

  /** Carries another request on a connection that is free. */
  carry(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.attach(this);
    this.#send(exchange);
  }

  /** Whether it carries a request that was sent before that, on a clock that never goes back. */
  carriesSince(time: number): boolean {
    return this.#exchange !== null && this.#sentAt < time;
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Gives the connection up if it did not come about yet; nothing was sent then. */
  stopConnecting(failure: UpstreamFailure): void {
    if (this.#connected) return;
    const exchange = this.#exchange;
    this.#exchange = null;
    this.socket.destroy();
    exchange?.fail(failure);
  }

  #onConnect(): void {
    this.#connected = true;
    this.socket.setTimeout(0);
    if (this.#exchange) this.#send(this.#exchange);
  }

  #send(exchange: Exchange): void {
    if (this.#answerTimeoutMs > 0) exchange.limitWait(this.#answerTimeoutMs);
    this.#reader = new AnswerReader(exchange.request.method);
    this.#sentAt = performance.now();
    if (this.socket instanceof PatientSocket) this.socket.patient = exchange.request.body !== 'none';
    const head = `${writeRequestHead(exchange.request)}${this.#lastOne ? 'Connection: close\r\n' : ''}\r\n`;
    if (exchange.request.body === 'none') {
      this.socket.write(head, 'latin1');
      return;
    }
    // Head and first piece of the body travel in one packet when the piece is there already.
    this.socket.cork();
    this.socket.write(head, 'latin1');
    exchange.listener.onReady();
    process.nextTick(() => this.socket.uncork());
  }

  /** Returns whether reading goes on. */
  #read(length: number): boolean {
    const exchange = this.#exchange;
    if (!exchange || !this.#reader) {
      // Bytes that nobody asked for: whatever they are, the next answer on this connection could not be trusted.
      this.socket.destroy();
      return true;
    }
    exchange.answered = true;
    const progress = this.#reader.read(this.#readBuffer.subarray(0, length), exchange);
    if (exchange.over) return true;
    switch (progress.kind) {
      case 'more':
        return progress.goOn;
      case 'done':
        this.#complete(exchange, progress);
        return true;
      case 'bad':
      case 'broken':
        exchange.fail({ kind: progress.kind === 'bad' ? 'bad-answer' : 'broken', reason: progress.reason });
        this.socket.destroy();
        return true;
      default:
        return progress satisfies never;
    }
  }

  /** The answer is complete. The connection is free only if it is certain where the next answer will begin. */
  #complete(exchange: Exchange, { end, extra }: { readonly end: AnswerEnd; readonly extra: number }): void {
    const inStep = extra === 0 && exchange.bodyEnded;
    const reusable = end.head.keepAlive && inStep && !this.#lastOne && !this.socket.destroyed && !this.socket.errored;
    this.#exchange = null;
    this.#reader = null;
    this.served += 1;
    this.keepAliveMs = end.head.keepAliveMs;
    exchange.complete(end);
    if (reusable) this.#events.onFree(this);
    else if (this.#lastOne && inStep) this.socket.setTimeout(lastCloseMs);
    else this.socket.destroy();
  }

  #onTimeout(): void {
    if (!this.#connected) this.#reason = 'connecting took too long';
    this.socket.destroy();
  }

  /** The upstream has nothing more to say. */
  #onEnd(): void {
    const end = this.#reader?.atClose();
    if (this.#exchange && end) this.#complete(this.#exchange, { end, extra: 0 });
    this.socket.destroy();
  }

  #onClose(): void {
    const exchange = this.#exchange;
    this.#exchange = null;
    const again = exchange && this.#connected && this.served > 0 && !exchange.answered && !exchange.repeated && exchange.request.repeatable;
    if (again && !exchange.over) {
      exchange.repeated = true;
      this.#events.onClosed(this, exchange);
      return;
    }
    exchange?.fail({ kind: this.#failureKind(exchange), reason: this.#reason });
    this.#events.onClosed(this, null);
  }

  #failureKind(exchange: Exchange): 'unreachable' | 'no-answer' | 'bad-answer' | 'broken' {
    if (!this.#connected) return 'unreachable';
    if (!exchange.answered) return 'no-answer';
    return this.#reader?.headCame ? 'broken' : 'bad-answer';
  }
}

interface PlainDialing {
  readonly target: Target;
  readonly onread: OnReadOpts;
}

function dialPlain({ target, onread }: PlainDialing): PatientSocket {
  const socket = new PatientSocket({ onread });
  socket.connect(placeOf(target));
  return socket;
}

interface SecureDialing extends PlainDialing {
  readonly tls: TlsDialing;
  /** Of the first request. */
  readonly headers: readonly string[];
}

/** An answer before the end of an upload may be lost, unlike without TLS: there is no patience in it. */
function dialTls({ target, tls, headers, onread }: SecureDialing): TLSSocket {
  const session = tls.session ? { session: tls.session } : {};
  const options: TlsOptions & { readonly onread: OnReadOpts } = {
    ...placeOf(target),
    ...tlsOptions(tls, headers),
    ...session,
    onread,
  };
  const socket = connectTls(options);
  socket.on('session', (next) => {
    tls.session = next;
  });
  return socket;
}
