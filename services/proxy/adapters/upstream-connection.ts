import type { Target } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import { type AnswerHead, readAnswerHead } from '../core/answer-head.ts';
import { type ChunkedProgress, type ChunkedReader, createChunkedReader } from '../core/chunked-body.ts';
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

interface ConnectionOptions {
  readonly target: Target;
  readonly connectTimeoutMs: number;
  /** Used by all connections, because each read is dealt with before the next one happens. */
  readonly readBuffer: Buffer;
  readonly events: ConnectionEvents;
}

/** A head of an answer is at most this long, in bytes. */
const headLimit = 65_536;
/** How long an upstream that was told to close the connection may take, before we do. */
const lastCloseMs = 1_000;
const headEnd = '\r\n\r\n';

/** One HTTP/1.1 connection to a target: carries one exchange at a time and is reused only when nothing about it is in doubt. */
export class UpstreamConnection {
  readonly socket: PatientSocket;
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
  #pending: Buffer | null = null;
  #head: AnswerHead | null = null;
  #remaining = 0;
  #chunks: ChunkedReader | null = null;
  #reason = 'the connection was closed';

  /** Connects and then carries `first`. With `lastOne` the upstream is asked to close the connection after its answer. */
  constructor(first: Exchange, lastOne: boolean, { target, connectTimeoutMs, readBuffer, events }: ConnectionOptions) {
    this.#events = events;
    this.#readBuffer = readBuffer;
    this.#exchange = first;
    this.#lastOne = lastOne;
    first.attach(this);
    this.socket = new PatientSocket({ onread: { buffer: readBuffer, callback: (length) => this.#read(length) } });
    this.socket.setNoDelay(true);
    this.socket.connect({ host: target.address, port: target.port, autoSelectFamily: false });
    this.socket.setTimeout(connectTimeoutMs);
    this.socket.on('connect', () => this.#onConnect());
    this.socket.on('drain', () => this.#exchange?.listener.onDrain());
    this.socket.on('timeout', () => this.#onTimeout());
    this.socket.on('end', () => this.#onEnd());
    this.socket.on('error', (error) => {
      this.#reason = 'code' in error && typeof error.code === 'string' ? error.code : errorMessage(error);
    });
    this.socket.on('close', () => this.#onClose());
  }

  /** Carries another request on a connection that is free. */
  carry(exchange: Exchange): void {
    this.#exchange = exchange;
    exchange.attach(this);
    this.#send(exchange);
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
    this.socket.patient = exchange.request.body !== 'none';
    const head = `${exchange.request.head}${this.#lastOne ? 'Connection: close\r\n' : ''}\r\n`;
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
    if (!exchange) {
      // Bytes that nobody asked for: whatever they are, the next answer on this connection could not be trusted.
      this.socket.destroy();
      return true;
    }
    exchange.answered = true;
    const bytes = this.#readBuffer.subarray(0, length);
    return this.#head === null ? this.#readHead(exchange, bytes) : this.#readBody(exchange, this.#head, bytes);
  }

  #readHead(exchange: Exchange, bytes: Buffer): boolean {
    let input = this.#pending === null ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = null;
    while (input.length > 0) {
      const end = input.indexOf(headEnd, 0, 'latin1');
      if (end > headLimit || (end === -1 && input.length > headLimit)) return this.#refuse(exchange, 'the head is too long');
      if (end === -1) {
        this.#pending = Buffer.from(input);
        return true;
      }
      const head = readAnswerHead(input.toString('latin1', 0, end), exchange.request.method);
      if (head.kind === 'bad') return this.#refuse(exchange, head.reason);
      if (head.status === 101) return this.#refuse(exchange, 'it switches protocols without being asked');
      input = input.subarray(end + headEnd.length);
      if (head.status >= 200) return this.#beginBody(exchange, head, input);
      exchange.listener.onInformation(head);
      if (exchange.over) return true;
    }
    return true;
  }

  #beginBody(exchange: Exchange, head: AnswerHead, rest: Buffer): boolean {
    exchange.headArrived();
    this.#head = head;
    switch (head.body.kind) {
      case 'none':
        return this.#complete(exchange, head, { extra: rest.length, tell: () => exchange.listener.onHead(head, '') });
      case 'length': {
        const { bytes } = head.body;
        if (rest.length < bytes) {
          this.#remaining = bytes;
          break;
        }
        const whole = rest.toString('latin1', 0, bytes);
        return this.#complete(exchange, head, { extra: rest.length - bytes, tell: () => exchange.listener.onHead(head, whole) });
      }
      case 'chunked': {
        this.#chunks = createChunkedReader();
        const pieces: Buffer[] = [];
        const progress = this.#chunks.read(rest, (piece) => pieces.push(piece));
        if (progress.kind === 'broken') return this.#refuse(exchange, progress.reason);
        if (progress.kind === 'done' && progress.trailers.length === 0) {
          const whole = pieces.map((piece) => piece.toString('latin1')).join('');
          return this.#complete(exchange, head, { extra: rest.length - progress.rest, tell: () => exchange.listener.onHead(head, whole) });
        }
        exchange.listener.onHead(head, null);
        let goOn = true;
        for (const piece of pieces) if (!exchange.over) goOn = exchange.listener.onData(piece) && goOn;
        return this.#afterChunks(exchange, head, { progress, goOn, length: rest.length });
      }
      case 'until-close':
        break;
      default:
        head.body satisfies never;
    }
    exchange.listener.onHead(head, null);
    return exchange.over || rest.length === 0 ? true : this.#readBody(exchange, head, rest);
  }

  #readBody(exchange: Exchange, head: AnswerHead, bytes: Buffer): boolean {
    if (head.body.kind === 'until-close') return exchange.listener.onData(bytes);
    if (this.#chunks) {
      let goOn = true;
      const progress = this.#chunks.read(bytes, (piece) => {
        if (!exchange.over) goOn = exchange.listener.onData(piece) && goOn;
      });
      return this.#afterChunks(exchange, head, { progress, goOn, length: bytes.length });
    }
    const part = bytes.length > this.#remaining ? bytes.subarray(0, this.#remaining) : bytes;
    this.#remaining -= part.length;
    const goOn = exchange.listener.onData(part);
    if (this.#remaining > 0 || exchange.over) return goOn;
    return this.#complete(exchange, head, { extra: bytes.length - part.length, tell: () => exchange.listener.onEnd([]) });
  }

  #afterChunks(
    exchange: Exchange,
    head: AnswerHead,
    { progress, goOn, length }: { readonly progress: ChunkedProgress; readonly goOn: boolean; readonly length: number },
  ): boolean {
    if (exchange.over) return true;
    switch (progress.kind) {
      case 'more':
        return goOn;
      case 'done':
        return this.#complete(exchange, head, { extra: length - progress.rest, tell: () => exchange.listener.onEnd(progress.trailers) });
      case 'broken':
        exchange.fail({ kind: 'broken', reason: progress.reason });
        this.socket.destroy();
        return true;
      default:
        return progress satisfies never;
    }
  }

  /** The answer is complete. The connection is free only if it is certain where the next answer will begin. */
  #complete(exchange: Exchange, head: AnswerHead, { extra, tell }: { readonly extra: number; readonly tell: () => void }): boolean {
    const reusable =
      head.keepAlive && extra === 0 && exchange.bodyEnded && !this.#lastOne && !this.socket.destroyed && !this.socket.errored;
    this.#exchange = null;
    this.#head = null;
    this.#chunks = null;
    this.served += 1;
    this.keepAliveMs = head.keepAliveMs;
    exchange.detach();
    tell();
    if (reusable) this.#events.onFree(this);
    else if (this.#lastOne && extra === 0 && exchange.bodyEnded) this.socket.setTimeout(lastCloseMs);
    else this.socket.destroy();
    return true;
  }

  #refuse(exchange: Exchange, reason: string): boolean {
    exchange.fail({ kind: 'bad-answer', reason });
    this.socket.destroy();
    return true;
  }

  #onTimeout(): void {
    if (!this.#connected) this.#reason = 'connecting took too long';
    this.socket.destroy();
  }

  /** The upstream has nothing more to say. */
  #onEnd(): void {
    const exchange = this.#exchange;
    if (exchange && this.#head?.body.kind === 'until-close') {
      this.#complete(exchange, this.#head, { extra: 0, tell: () => exchange.listener.onEnd([]) });
    }
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
    return this.#head === null ? 'bad-answer' : 'broken';
  }
}
