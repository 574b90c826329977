import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { FrameFollower, goingAway } from '../core/websocket-frames.ts';

/** How long a client may take to close after it was told to. */
const closesWithinMs = 5_000;

/**
 * The end of a WebSocket that its target does not end itself: the client is told that the service goes away (RFC 6455 §7.4.1), and may open
 * another one, instead of finding its connection broken. It is told between two frames.
 */
export class Goodbye {
  readonly #upstream: Socket;
  readonly #client: Duplex;
  readonly #frames = new FrameFollower();
  #stage: 'asked' | 'open' | 'ending' | 'said' = 'asked';

  constructor(upstream: Socket, client: Duplex) {
    this.#upstream = upstream;
    this.#client = client;
  }

  /** Both sides were joined just now, and nothing was passed on yet: whoever listens before they are takes what comes with the target's agreement. */
  begin(): void {
    this.#stage = 'open';
    this.#upstream.on('data', (bytes: Buffer) => this.#onData(bytes));
    // Before whoever joined them ends the client's side, too.
    this.#upstream.prependOnceListener('end', () => this.#sayNow());
    this.#upstream.prependOnceListener('close', () => this.#sayNow());
  }

  /** Says it as soon as a frame ends. What is no WebSocket (yet), or ends already, stays as it is. */
  say(): void {
    if (this.#stage !== 'open' || this.#frames.closes || this.#client.destroyed) return;
    this.#stage = 'ending';
    this.#upstream.unpipe(this.#client);
    this.#upstream.resume();
    this.#sayNow();
  }

  #onData(bytes: Buffer): void {
    if (this.#stage === 'open') this.#follow(bytes);
    if (this.#stage !== 'ending') return;
    this.#client.write(Buffer.from(bytes.subarray(0, this.#frames.take(bytes))));
    this.#sayNow();
  }

  #sayNow(): void {
    if (!this.#frames.isBetween || this.#frames.closes || !this.#client.writable) return;
    if (this.#stage !== 'open' && this.#stage !== 'ending') return;
    this.#stage = 'said';
    this.#client.end(goingAway);
    const timer = setTimeout(() => this.#client.destroy(), closesWithinMs).unref();
    this.#client.once('close', () => clearTimeout(timer));
  }

  #follow(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += this.#frames.take(bytes.subarray(at));
  }
}
