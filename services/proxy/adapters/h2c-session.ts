import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import type { Target } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import { placeOf } from '../core/dial.ts';

interface SessionOptions {
  readonly target: Target;
  readonly connectTimeoutMs: number;
  /** Called once, when nothing more will come of it. */
  readonly onClosed: (session: H2cSession) => void;
}

/** Until the target says how many it takes at once (RFC 9113 §6.5.2). */
const streamsToBeginWith = 100;

/** What clients say twice is for the target to judge. */
const lenient = { strictSingleValueFields: false } as const;

/** One connection to a target on which HTTP/2 is spoken at once. */
export class H2cSession {
  /** Requests under way. */
  open = 0;
  readonly #session: ClientHttp2Session;
  readonly #ready: Promise<string | null>;
  #leaving = false;

  readonly target: Target;

  constructor({ target, connectTimeoutMs, onClosed }: SessionOptions) {
    this.target = target;
    const socket = connectSocket({ ...placeOf(target), noDelay: true });
    // Only what to call it: the connection is made here.
    const session = connect('http://localhost', { ...lenient, createConnection: () => socket });
    this.#session = session;
    this.#ready = new Promise((resolve) => {
      let reason = 'the connection was closed';
      const timer = setTimeout(() => {
        reason = 'connecting took too long';
        session.destroy();
      }, connectTimeoutMs);
      session.once('connect', () => {
        clearTimeout(timer);
        resolve(null);
      });
      session.on('error', (error: Error & { code?: string }) => {
        reason = error.code ?? errorMessage(error);
      });
      session.on('goaway', () => {
        this.#leaving = true;
      });
      session.once('close', () => {
        clearTimeout(timer);
        this.#leaving = true;
        resolve(reason);
        onClosed(this);
      });
    });
  }

  /** Whether another request can begin on it. */
  get hasRoom(): boolean {
    const { maxConcurrentStreams = streamsToBeginWith } = this.#session.remoteSettings ?? {};
    return !this.#leaving && this.open < maxConcurrentStreams;
  }

  /** Resolves to null when it is there, or to the reason why it is not. */
  async ready(): Promise<string | null> {
    return await this.#ready;
  }

  /** Throws when no stream can be opened any more. */
  request(fields: readonly string[], options: { readonly endStream: boolean; readonly waitForTrailers: boolean }): ClientHttp2Stream {
    const stream = this.#session.request([...fields], options);
    this.open += 1;
    stream.once('close', () => {
      this.open -= 1;
      if (this.open === 0 && this.#leaving) this.#session.close();
    });
    return stream;
  }

  /** Ends with its last request. */
  leave(): void {
    this.#leaving = true;
    if (this.open === 0) this.#session.destroy();
  }

  destroy(): void {
    this.#session.destroy(undefined, constants.NGHTTP2_CANCEL);
  }
}
