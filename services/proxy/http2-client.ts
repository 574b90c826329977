import { constants, type ServerHttp2Stream } from 'node:http2';
import type { ClientSide } from './client-side.ts';
import type { AnswerHead } from './core/answer-head.ts';
import type { ShortAnswer } from './core/error-page.ts';
import { groupHeaders } from './core/group-headers.ts';
import { headerIn, withoutHeaders } from './core/header-edits.ts';
import type { RequestFacts } from './core/read-request-head.ts';
import { sendTrailers } from './core/send-trailers.ts';
import { Http2Upload } from './http2-upload.ts';
import type { ReadAhead } from './read-ahead.ts';

interface Http2Request {
  readonly stream: ServerHttp2Stream;
  readonly method: string;
  readonly rawHeaders: readonly string[];
  readonly facts: Pick<RequestFacts, 'body' | 'expectsContinue'>;
  readonly readAhead: ReadAhead;
}

/**
 * By status, what has no place in HTTP/2: which other protocol a server would rather speak (RFC 9113 §8.6), and the length of an answer that has no
 * body, whatever it says (RFC 9110 §15.3.6).
 */
const unsaidOf: ReadonlyMap<number, ReadonlySet<string>> = new Map([
  [426, new Set(['upgrade'])],
  [205, new Set(['content-length'])],
]);

/** A client that speaks HTTP/2 (RFC 9113): one stream is one request, and its end says nothing about the connection. */
export class Http2Client implements ClientSide {
  readonly protocol = 'HTTP/2';
  readonly method: string;
  readonly body: Http2Upload | null;
  /** A stream that is reset is heard, however much of others is not read yet. */
  readonly isDeaf = false;
  readonly #stream: ServerHttp2Stream;
  readonly #rawHeaders: readonly string[];
  readonly #expectsContinue: boolean;
  #trailers: readonly string[] = [];

  constructor({ stream, method, rawHeaders, facts, readAhead }: Http2Request) {
    this.method = method;
    this.#stream = stream;
    this.#rawHeaders = rawHeaders;
    this.#expectsContinue = facts.expectsContinue;
    this.body = facts.body === 'none' ? null : new Http2Upload(stream, readAhead);
    if (!this.body) stream.resume();
  }

  get accept(): string | undefined {
    return headerIn(this.#rawHeaders, 'accept');
  }

  get begun(): boolean {
    return this.#stream.headersSent;
  }

  onGone(listener: () => void): void {
    this.#stream.on('close', listener);
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener);
  }

  inform({ status, headers }: AnswerHead): void {
    if (status === 100 && !this.#expectsContinue) return;
    this.#stream.additionalHeaders(groupHeaders([':status', String(status), ...headers]));
  }

  begin({ status, headers, body, trailer }: AnswerHead, whole: string | null): void {
    const stream = this.#stream;
    const unsaid = unsaidOf.get(status);
    const fields = [':status', String(status), ...(unsaid ? withoutHeaders(headers, unsaid) : headers)];
    if (trailer !== null) fields.push('trailer', trailer);
    if (whole === null) {
      const mayHaveTrailers = body.kind === 'chunked';
      stream.respond(fields, { waitForTrailers: mayHaveTrailers });
      if (mayHaveTrailers) stream.once('wantTrailers', () => sendTrailers(stream, this.#trailers));
      return;
    }
    if (body.kind === 'chunked') fields.push('content-length', String(whole.length));
    stream.respond(fields, { endStream: whole === '' });
    if (whole !== '') stream.end(whole, 'latin1');
  }

  write(bytes: Buffer): boolean {
    return this.#stream.write(Buffer.from(bytes));
  }

  end(trailers: readonly string[]): void {
    this.#trailers = trailers;
    this.#stream.end();
  }

  refuse({ status, headers, body }: ShortAnswer): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    const silent = body === '' || this.method === 'HEAD';
    stream.respond([':status', String(status), ...headers], { endStream: silent });
    if (!silent) stream.end(body, 'latin1');
  }

  /** Only this request breaks off. */
  breakOff(): void {
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}
