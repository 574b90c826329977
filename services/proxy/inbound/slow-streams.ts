import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Closable } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';

interface SlowStreamOptions {
  /** How long a client may take nothing of an answer that waits for it, in milliseconds; 0: for ever. */
  readonly idleMs: number;
  readonly log: Logger;
}

/** Streams of HTTP/2 whose clients may stop taking what they asked for: each has a window of its own, so the connection tells nothing. */
export interface SlowStreams extends Closable {
  watch(stream: ServerHttp2Stream): void;
}

/** How many looks there are to one time-out. */
const looksToEach = 4;

/** What waits was not written on since so many looks. */
interface Seen {
  readonly waitingBytes: number;
  readonly idleLooks: number;
}

/** Ends streams of which nothing was taken for the whole time; the others on the same connection go on. */
export function watchSlowStreams({ idleMs, log }: SlowStreamOptions): SlowStreams {
  const streams = new Map<ServerHttp2Stream, Seen>();

  function look(): void {
    for (const [stream, before] of streams) {
      const waitingBytes = stream.writableLength;
      const isIdle = waitingBytes > 0 && waitingBytes === before.waitingBytes;
      const seen = { waitingBytes, idleLooks: isIdle ? before.idleLooks + 1 : 0 };
      streams.set(stream, seen);
      if (seen.idleLooks < looksToEach) continue;
      log.debug({ waitingBytes }, 'a client takes nothing of its answer: the stream is ended');
      stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  const timer = idleMs === 0 ? null : setInterval(look, idleMs / looksToEach).unref();
  return {
    watch(stream) {
      if (!timer) return;
      streams.set(stream, { waitingBytes: 0, idleLooks: 0 });
      stream.once('close', () => streams.delete(stream));
    },
    async close() {
      if (timer) clearInterval(timer);
      return await Promise.resolve();
    },
  };
}
