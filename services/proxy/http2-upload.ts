import { constants, type ServerHttp2Stream } from 'node:http2';
import type { RequestBody, UploadTerms } from './client-side.ts';
import { withoutHeaders } from './core/header-edits.ts';
import { isForbiddenTrailer } from './core/header-names.ts';
import type { UpstreamExchange } from './ports.ts';
import type { ReadAhead, ReadAheadShare } from './read-ahead.ts';

/** The body of one request of HTTP/2: it has a window of its own, so standing still keeps nobody else from being read. */
export class Http2Upload implements RequestBody {
  readonly #stream: ServerHttp2Stream;
  readonly #readAhead: ReadAhead;
  /** What is read of it before somebody takes it; null until that is begun. */
  #ahead: ReadAheadShare | null = null;
  #trailers: readonly string[] = [];
  #answered = false;
  /** True once the client said that this was all. A stream that is reset ends, too, and is not whole. */
  #whole = false;

  constructor(stream: ServerHttp2Stream, readAhead: ReadAhead) {
    this.#stream = stream;
    this.#readAhead = readAhead;
    stream.on('trailers', (_headers: unknown, _flags: unknown, raw: readonly string[]) => {
      this.#trailers = raw.filter((_, index) => !isForbiddenTrailer(raw[index - (index % 2)] ?? ''));
    });
    stream.on('end', () => {
      this.#whole = !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR;
    });
  }

  readAhead(client: string): void {
    if (this.#ahead) return;
    this.#ahead = this.#readAhead.begin(client);
    this.#stream.on('data', this.#keep);
  }

  pump(exchange: UpstreamExchange, { idleMs, onSilence, maxBytes, onTooMuch, onPiece, withoutTrailers }: UploadTerms): void {
    const stream = this.#stream;
    let left = maxBytes;
    const take = (chunk: Buffer) => {
      const before = left;
      left -= chunk.length;
      if (left < 0) {
        if (before >= 0) onTooMuch();
        return;
      }
      onPiece(chunk.length);
      if (!exchange.write(chunk) && !this.#answered) stream.pause();
    };
    const finish = () => {
      if (!this.#whole) return; // the end of the stream is told by its close
      stream.setTimeout(0);
      exchange.end(withoutTrailers ? withoutHeaders(this.#trailers, withoutTrailers) : this.#trailers);
    };
    stream.off('data', this.#keep);
    if (this.#ahead) stream.resume();
    const chunks = this.#ahead?.chunks ?? [];
    this.#ahead?.release();
    for (const chunk of chunks) take(chunk);
    stream.on('data', take);
    if (stream.readableEnded) finish();
    else stream.on('end', finish);
    if (idleMs === 0) return;
    stream.setTimeout(idleMs, () => {
      if (!this.#answered && !stream.readableEnded && !stream.isPaused()) onSilence();
    });
  }

  resume(): void {
    this.#stream.resume();
  }

  /** The client is told that nobody wants the rest (RFC 9113 §8.1). */
  discard(): void {
    this.#answered = true;
    const stream = this.#stream;
    stream.off('data', this.#keep);
    this.#ahead?.release();
    stream.resume();
    if (stream.readableEnded || stream.destroyed) return;
    if (stream.writableFinished) stream.close(constants.NGHTTP2_NO_ERROR);
    else stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  readonly #keep = (chunk: Buffer): void => {
    if (this.#ahead?.keep(chunk) === false) this.#stream.pause();
  };
}
