import { constants, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { readAnswerHead } from './core/answer-head.ts';

const headEnd = Buffer.from('\r\n\r\n');
/** What an answer may be told with before its body. */
const maxHeadBytes = 65_536;
/** The handshake of HTTP/1.1 has it, that of HTTP/2 does not need it (RFC 8441 §5). */
const accept = 'sec-websocket-accept';

type Done = (error?: Error | null) => void;

/**
 * A stream of HTTP/2 on which a WebSocket is to be opened (RFC 8441), as the connection that it would be in HTTP/1.1: what is written to it first
 * is the head of an answer, and from then on bytes pass as they are.
 */
export class Http2Tunnel extends Duplex {
  readonly #stream: ServerHttp2Stream;
  /** Null once the head was given. */
  #head: Buffer | null = Buffer.alloc(0);
  #isOpen = false;

  constructor(stream: ServerHttp2Stream) {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stream.pause();
    });
    stream.on('end', () => this.push(null));
    stream.on('close', () => this.destroy());
  }

  /** What an idle one costs is bounded where WebSockets are, and not by the settings of a connection that many share. */
  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  /** Ends it when all that was written is on its way. */
  destroySoon(): void {
    if (this.writableFinished) this.destroy();
    else this.end(() => this.destroy());
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    if (this.#stream.destroyed || this.#stream.closed) {
      done(new Error('the client is gone'));
      return;
    }
    if (this.#head === null) {
      this.#stream.write(chunk, done);
      return;
    }
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf(headEnd);
    if (end === -1) {
      done(this.#head.length > maxHeadBytes ? new Error('the head of the answer is too long') : null);
      return;
    }
    const rest = this.#head.subarray(end + headEnd.length);
    const problem = this.#respond(this.#head.toString('latin1', 0, end));
    this.#head = null;
    if (problem !== null) done(new Error(problem));
    else if (rest.length > 0) this.#stream.write(rest, done);
    else done();
  }

  override _final(done: Done): void {
    this.#stream.end(() => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    // A WebSocket that does not end by itself is cancelled (RFC 8441 §5); an answer that came in its place is whole.
    const isRefused = error === null && this.writableFinished && !this.#isOpen;
    if (!this.#stream.closed) this.#stream.close(isRefused ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_CANCEL);
    done(error);
  }

  /** Returns what is wrong with the head; null for nothing. */
  #respond(text: string): string | null {
    const head = readAnswerHead(text, 'GET');
    if (head.kind === 'bad') return head.reason;
    this.#isOpen = head.status === 101;
    const fields = [':status', this.#isOpen ? '200' : String(head.status)];
    for (let index = 0; index < head.headers.length; index += 2) {
      const name = (head.headers[index] ?? '').toLowerCase();
      if (name !== 'upgrade' && !(this.#isOpen && name === accept)) fields.push(name, head.headers[index + 1] ?? '');
    }
    this.#stream.respond(fields);
    return null;
  }
}
