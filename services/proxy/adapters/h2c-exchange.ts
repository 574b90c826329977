import { type ClientHttp2Stream, constants } from 'node:http2';
import { isForbiddenTrailer } from '../core/header-names.ts';
import { answerHead, requestFields } from '../core/http2-fields.ts';
import { sendTrailers } from '../core/send-trailers.ts';
import type { AnswerListener, UpstreamExchange, UpstreamFailure, UpstreamRequest } from '../ports.ts';
import type { H2cSession } from './h2c-session.ts';

const endStream = constants.NGHTTP2_FLAG_END_STREAM;

/** One request and its answer on a stream of HTTP/2. */
export class H2cExchange implements UpstreamExchange {
  readonly request: UpstreamRequest;
  readonly #listener: AnswerListener;
  /** 0: for ever. */
  readonly #answerTimeoutMs: number;
  #stream: ClientHttp2Stream | null = null;
  #trailers: readonly string[] = [];
  #answerTrailers: readonly string[] = [];
  #answered = false;
  #over = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(request: UpstreamRequest, listener: AnswerListener, answerTimeoutMs: number) {
    this.request = request;
    this.#listener = listener;
    this.#answerTimeoutMs = answerTimeoutMs;
  }

  /** True once nothing more will be told to the listener. */
  get over(): boolean {
    return this.#over;
  }

  /** Sends the request. Throws when the session takes none any more; nothing was sent then. */
  begin(session: H2cSession): void {
    const { body } = this.request;
    const stream = session.request(requestFields(this.request), { endStream: body === 'none', waitForTrailers: body === 'chunked' });
    this.#stream = stream;
    this.#waitAnew();
    stream.on('wantTrailers', () => sendTrailers(stream, this.#trailers));
    stream.on('continue', () => this.#listener.onInformation(answerHead({ status: 100, fields: [], endsHere: true })));
    stream.on('headers', (headers, _flags, fields) => {
      const status = Number(headers[':status']);
      if (!this.#over && status !== 101) this.#listener.onInformation(answerHead({ status, fields, endsHere: true }));
    });
    stream.on('response', (headers, flags, fields) => this.#onResponse(Number(headers[':status']), flags, fields));
    stream.on('trailers', (_headers: unknown, _flags: unknown, raw: readonly string[]) => {
      this.#answerTrailers = raw.filter((_, index) => !isForbiddenTrailer(raw[index - (index % 2)] ?? ''));
    });
    stream.on('drain', () => {
      if (!this.#over) this.#listener.onDrain();
    });
    stream.on('error', () => undefined); // told by its close
    stream.on('close', () => this.#onClose(stream.rstCode ?? constants.NGHTTP2_NO_ERROR));
    if (body !== 'none') this.#listener.onReady();
  }

  fail(failure: UpstreamFailure): void {
    if (this.#over) return;
    this.#finish();
    this.#listener.onFailure(failure);
  }

  write(bytes: Buffer): boolean {
    this.#waitAnew();
    const stream = this.#stream;
    // An answer may still come although the target takes no more of the body.
    if (!stream || stream.destroyed || stream.closed || bytes.length === 0) return true;
    return stream.write(bytes);
  }

  end(trailers: readonly string[]): void {
    this.#trailers = trailers;
    this.#waitAnew();
    if (this.request.body !== 'none') this.#stream?.end();
  }

  resume(): void {
    this.#stream?.resume();
  }

  abort(): void {
    if (this.#over) return;
    this.#finish();
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }

  #onResponse(status: number, flags: number, fields: readonly string[]): void {
    if (this.#over) return;
    this.#answered = true;
    this.#stopWaiting();
    const endsHere = (flags & endStream) !== 0;
    const head = answerHead({ status, fields, endsHere });
    const stream = this.#stream;
    if (endsHere) {
      this.#finish();
      stream?.resume();
      this.#listener.onHead(head, '');
      return;
    }
    this.#listener.onHead(head, null);
    let missing = head.body.kind === 'length' ? head.body.bytes : 0;
    stream?.on('data', (bytes: Buffer) => {
      missing -= Math.min(missing, bytes.length);
      if (!this.#over && !this.#listener.onData(bytes)) stream.pause();
    });
    stream?.on('end', () => {
      // A stream that is reset ends, too; with NO_ERROR only the length tells.
      if (missing > 0) return;
      if (this.#over || stream.aborted || (stream.rstCode ?? constants.NGHTTP2_NO_ERROR) !== constants.NGHTTP2_NO_ERROR) return;
      this.#finish();
      this.#listener.onEnd(this.#answerTrailers);
    });
  }

  #onClose(code: number): void {
    if (this.#answered) this.fail({ kind: 'broken', reason: `the stream was reset with code ${code}` });
    // The target says that it did nothing of it (RFC 9113 §8.7).
    else if (code === constants.NGHTTP2_REFUSED_STREAM) this.fail({ kind: 'busy', reason: 'the target refused the stream' });
    else this.fail({ kind: 'no-answer', reason: `the stream was reset with code ${code}` });
  }

  #waitAnew(): void {
    this.#stopWaiting();
    if (this.#answerTimeoutMs === 0 || this.#answered || this.#over) return;
    this.#timer = setTimeout(() => {
      const stream = this.#stream;
      this.fail({ kind: 'too-slow', reason: `no answer within ${this.#answerTimeoutMs} ms` });
      stream?.close(constants.NGHTTP2_CANCEL);
    }, this.#answerTimeoutMs);
  }

  #stopWaiting(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #finish(): void {
    this.#over = true;
    this.#stopWaiting();
  }
}
