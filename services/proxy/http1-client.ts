import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { ClientSide } from './client-side.ts';
import type { AnswerHead } from './core/answer-head.ts';
import type { ShortAnswer } from './core/error-page.ts';
import type { RequestFacts } from './core/read-request-head.ts';
import type { ReadAhead } from './read-ahead.ts';
import { Upload } from './upload.ts';

interface Http1Request {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly facts: Pick<RequestFacts, 'body' | 'expectsContinue'>;
  /** True once the proxy stops: connections close after their answer. */
  readonly isStopping: () => boolean;
  readonly readAhead: ReadAhead;
}

/** A client that speaks HTTP/1.1 or 1.0: one request at a time on a connection that stays open or closes with its answer. */
export class Http1Client implements ClientSide {
  readonly method: string;
  readonly body: Upload | null;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #expectsContinue: boolean;
  readonly #isStopping: () => boolean;
  #continued = false;
  #closes = false;

  constructor({ request, response, facts, isStopping, readAhead }: Http1Request) {
    this.#request = request;
    this.#response = response;
    this.#expectsContinue = facts.expectsContinue;
    this.#isStopping = isStopping;
    this.method = request.method ?? 'GET';
    this.body = facts.body === 'none' ? null : new Upload(request, response, readAhead);
  }

  get protocol(): string {
    return this.#request.httpVersion === '1.1' ? 'HTTP/1.1' : 'HTTP/1.0';
  }

  get accept(): string | undefined {
    return this.#request.headers.accept;
  }

  get begun(): boolean {
    return this.#response.headersSent;
  }

  /** Node lets it stand still while nobody takes a body, or a request behind this one. */
  get isDeaf(): boolean {
    return this.#request.socket.isPaused();
  }

  onGone(listener: () => void): void {
    this.#response.on('close', listener);
  }

  onDrain(listener: () => void): void {
    this.#response.on('drain', listener);
  }

  inform(head: AnswerHead): void {
    if (this.#request.httpVersion !== '1.1' || (head.status === 100 && !this.#expectsContinue)) return;
    this.#continued ||= head.status === 100;
    this.#response.writeInformation(head.status, head.headers);
  }

  begin(head: AnswerHead, whole: string | null): void {
    const { headers } = head;
    if (whole !== null && head.body.kind === 'chunked') headers.push('Content-Length', String(whole.length));
    // Announced where no chunks follow, trailers would be an error.
    const chunks = whole === null && head.body.kind === 'chunked' && this.#request.httpVersion === '1.1';
    if (head.trailer !== null && chunks) headers.push('Trailer', head.trailer);
    this.#decideToClose(false, headers);
    this.#response.writeHead(head.status, head.reason, headers);
    // Whoever streams events wants the head now, not with the first event.
    if (whole === null) this.#response.flushHeaders();
    else this.#finish(whole);
  }

  write(bytes: Buffer): boolean {
    return this.#response.write(Buffer.from(bytes));
  }

  end(trailers: readonly string[]): void {
    if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    this.#finish('');
  }

  refuse({ status, reason, headers, body }: ShortAnswer, close: boolean): void {
    this.#decideToClose(close, headers);
    this.#response.writeHead(status, reason, headers);
    this.#finish(body);
  }

  /** The client learns it from its connection, which breaks. */
  breakOff(): void {
    const { httpVersion, socket } = this.#request;
    // Without a length and without chunks the end of the connection is the end of the body: only a reset tells the truth. TLS has a farewell,
    // which is left out (RFC 8446 §6.1).
    if (httpVersion === '1.0' && !(socket instanceof TLSSocket)) socket.resetAndDestroy();
    else socket.destroy();
  }

  #decideToClose(anyway: boolean, headers: string[]): void {
    this.#closes = anyway || this.#isStopping() || (this.#waitsForContinue() && this.body?.unfinished === true);
    if (this.#closes) headers.push('Connection', 'close');
  }

  /** The client sends its body only after a 100, and none came. */
  #waitsForContinue(): boolean {
    return this.#expectsContinue && !this.#continued;
  }

  /**
   * Ends the answer. Where the connection closes with it, the rest of an upload is read first: closing on unread bytes makes the kernel
   * send a reset, which can destroy the answer before the client reads it.
   */
  #finish(last: string): void {
    const response = this.#response;
    const closes = this.#closes || !response.shouldKeepAlive;
    if (this.body?.unfinished && closes && !this.#waitsForContinue()) {
      if (last !== '') response.write(last, 'latin1');
      this.body.whenOver(() => response.end());
    } else if (last === '') {
      response.end();
    } else {
      response.end(last, 'latin1');
    }
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2] ?? '', flat[index * 2 + 1] ?? '']);
}
