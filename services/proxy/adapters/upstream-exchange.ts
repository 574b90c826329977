import type { AnswerHead } from '../core/answer-head.ts';
import type { AnswerEnd, AnswerSink } from '../core/answer-reader.ts';
import type { AnswerListener, UpstreamExchange, UpstreamFailure, UpstreamRequest } from '../ports.ts';
import type { UpstreamConnection } from './upstream-connection.ts';

/** One request and its answer, whichever connection carries them. */
export class Exchange implements UpstreamExchange, AnswerSink {
  readonly request: UpstreamRequest;
  readonly listener: AnswerListener;
  /** True once the last byte of the request went out. */
  bodyEnded: boolean;
  /** True once a byte of an answer came. */
  answered = false;
  /** True once the request was sent again, which happens at most once. */
  repeated = false;
  /** True once nothing more will be told to the listener. */
  over = false;
  #connection: UpstreamConnection | null = null;
  #slowness: { readonly answerTimeoutMs: number; readonly timer: NodeJS.Timeout } | null = null;

  constructor(request: UpstreamRequest, listener: AnswerListener) {
    this.request = request;
    this.listener = listener;
    this.bodyEnded = request.body === 'none';
  }

  /** Called by the connection that is going to carry the request. */
  attach(connection: UpstreamConnection): void {
    this.#connection = connection;
  }

  /** Gives up when no head of an answer comes within this time after the last piece of the request: a long upload is no slow answer. */
  limitWait(answerTimeoutMs: number): void {
    this.#stopWaiting();
    this.#slowness = { answerTimeoutMs, timer: setTimeout(() => this.#tooSlow(answerTimeoutMs), answerTimeoutMs) };
  }

  #stopWaiting(): void {
    if (this.#slowness) clearTimeout(this.#slowness.timer);
    this.#slowness = null;
  }

  #waitAnew(): void {
    if (!this.#slowness) return;
    const { answerTimeoutMs } = this.#slowness;
    this.#stopWaiting();
    this.limitWait(answerTimeoutMs);
  }

  onInformation(head: AnswerHead): void {
    if (!this.over) this.listener.onInformation(head);
  }

  onHead(head: AnswerHead): void {
    this.#stopWaiting();
    if (!this.over) this.listener.onHead(head, null);
  }

  onData(bytes: Buffer): boolean {
    return this.over || this.listener.onData(bytes);
  }

  /** The answer is complete; the connection belongs to others from now on. */
  complete(end: AnswerEnd): void {
    this.#detach();
    if (end.kind === 'whole') this.listener.onHead(end.head, end.body);
    else this.listener.onEnd(end.trailers);
  }

  #tooSlow(answerTimeoutMs: number): void {
    const connection = this.#connection;
    this.fail({ kind: 'too-slow', reason: `no answer within ${answerTimeoutMs} ms` });
    connection?.destroy();
  }

  #detach(): void {
    this.over = true;
    this.#connection = null;
    this.#stopWaiting();
  }

  /** Does nothing after the end, whichever it was. */
  fail(failure: UpstreamFailure): void {
    if (this.over) return;
    this.#detach();
    this.listener.onFailure(failure);
  }

  write(bytes: Buffer): boolean {
    this.#waitAnew();
    const socket = this.#connection?.socket;
    // After a failed write the rest of the body has nowhere to go; an answer may still come.
    if (!socket || socket.destroyed || socket.errored || bytes.length === 0) return true;
    if (this.request.body === 'length') return socket.write(bytes);
    socket.cork();
    socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
    socket.write(bytes);
    const goOn = socket.write('\r\n', 'latin1');
    socket.uncork();
    return goOn;
  }

  end(trailers: readonly string[]): void {
    const socket = this.#connection?.socket;
    this.bodyEnded = true;
    this.#waitAnew();
    if (!socket || socket.destroyed || socket.errored || this.request.body !== 'chunked') return;
    let last = '0\r\n';
    for (let index = 0; index < trailers.length; index += 2) last += `${trailers[index]}: ${trailers[index + 1]}\r\n`;
    socket.write(`${last}\r\n`, 'latin1');
  }

  resume(): void {
    this.#connection?.socket.resume();
  }

  abort(): void {
    if (this.over) return;
    const connection = this.#connection;
    this.#detach();
    connection?.destroy();
  }
}
