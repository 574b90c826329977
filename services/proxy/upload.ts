import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UploadTerms } from './client-side.ts';
import { withoutHeaders } from './core/header-edits.ts';
import { isForbiddenTrailer } from './core/header-names.ts';
import type { UpstreamExchange } from './ports.ts';
import type { ReadAhead, ReadAheadShare } from './read-ahead.ts';

/** How long the rest of an upload is read and thrown away after its answer was given. */
const lingerMs = 5_000;

/** The body of one request on its way to a target. */
export class Upload {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #readAhead: ReadAhead;
  /** What is read of it before somebody takes it; null until that is begun. */
  #ahead: ReadAheadShare | null = null;
  #answered = false;
  #silent = false;

  constructor(request: IncomingMessage, response: ServerResponse, readAhead: ReadAhead) {
    this.#request = request;
    this.#response = response;
    this.#readAhead = readAhead;
  }

  readAhead(client: string): void {
    if (this.#ahead) return;
    this.#ahead = this.#readAhead.begin(client);
    this.#request.on('data', this.#keep);
  }

  /** True while more of it may come. */
  get unfinished(): boolean {
    return !this.#request.complete && !this.#silent;
  }

  /** Sends the body on as fast as the target takes it. */
  pump(exchange: UpstreamExchange, { idleMs, onSilence, maxBytes, onTooMuch, onPiece, withoutTrailers }: UploadTerms): void {
    const request = this.#request;
    let left = maxBytes;
    const take = (chunk: Buffer) => {
      const before = left;
      left -= chunk.length;
      if (left < 0) {
        if (before >= 0) onTooMuch();
        return;
      }
      onPiece(chunk.length);
      if (!exchange.write(chunk) && !this.#answered) request.pause();
    };
    const finish = () => {
      // After the answer, the time-out of the socket is that of an idle connection and belongs to the server.
      if (!this.#answered) request.socket.setTimeout(0);
      const trailers = allowedTrailers(request.rawTrailers);
      exchange.end(withoutTrailers ? withoutHeaders(trailers, withoutTrailers) : trailers);
    };
    request.off('data', this.#keep);
    // Where it was full it stands still; what comes next is asked for by `take` not pausing it.
    if (this.#ahead) request.resume();
    const chunks = this.#ahead?.chunks ?? [];
    this.#ahead?.release();
    for (const chunk of chunks) take(chunk);
    request.on('data', take);
    if (request.readableEnded) finish();
    else request.on('end', finish);
    if (idleMs === 0) return;
    this.#response.setTimeout(idleMs, () => {
      if (this.#answered || request.complete || request.isPaused()) return;
      this.#silent = true;
      onSilence();
    });
  }

  resume(): void {
    this.#request.resume();
  }

  /** The answer was given: reads what is still to come and throws it away, and gives the connection up when that takes too long. */
  discard(): void {
    this.#answered = true;
    this.#request.off('data', this.#keep);
    this.#ahead?.release();
    this.#request.resume();
    if (!this.unfinished) return;
    const { socket } = this.#request;
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    this.#request.once('close', () => clearTimeout(timer));
  }

  readonly #keep = (chunk: Buffer): void => {
    if (this.#ahead?.keep(chunk) === false) this.#request.pause();
  };

  /** Calls `listener` when nothing more will come. */
  whenOver(listener: () => void): void {
    this.#request.once('close', listener);
  }
}

function allowedTrailers(rawTrailers: readonly string[]): string[] {
  return rawTrailers.filter((_, index) => !isForbiddenTrailer(rawTrailers[index - (index % 2)] ?? ''));
}
