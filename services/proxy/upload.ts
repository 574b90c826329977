import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UploadTerms } from './client-side.ts';
import { withoutHeaders } from './core/header-edits.ts';
import { isForbiddenTrailer } from './core/header-names.ts';
import type { UpstreamExchange } from './ports.ts';

/** How long the rest of an upload is read and thrown away after its answer was given. */
const lingerMs = 5_000;

/** The body of one request on its way to a target. */
export class Upload {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #answered = false;
  #silent = false;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  /** True while more of it may come. */
  get unfinished(): boolean {
    return !this.#request.complete && !this.#silent;
  }

  /** Sends the body on as fast as the target takes it. */
  pump(exchange: UpstreamExchange, { idleMs, onSilence, maxBytes, onTooMuch, withoutTrailers }: UploadTerms): void {
    const request = this.#request;
    let left = maxBytes;
    request.on('data', (chunk: Buffer) => {
      const before = left;
      left -= chunk.length;
      if (left < 0) {
        if (before >= 0) onTooMuch();
      } else if (!exchange.write(chunk) && !this.#answered) request.pause();
    });
    request.on('end', () => {
      // After the answer, the time-out of the socket is that of an idle connection and belongs to the server.
      if (!this.#answered) request.socket.setTimeout(0);
      const trailers = allowedTrailers(request.rawTrailers);
      exchange.end(withoutTrailers ? withoutHeaders(trailers, withoutTrailers) : trailers);
    });
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
    this.#request.resume();
    if (!this.unfinished) return;
    const { socket } = this.#request;
    const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
    this.#request.once('close', () => clearTimeout(timer));
  }

  /** Calls `listener` when nothing more will come. */
  whenOver(listener: () => void): void {
    this.#request.once('close', listener);
  }
}

function allowedTrailers(rawTrailers: readonly string[]): string[] {
  return rawTrailers.filter((_, index) => !isForbiddenTrailer(rawTrailers[index - (index % 2)] ?? ''));
}
