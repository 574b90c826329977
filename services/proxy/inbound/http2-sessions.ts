import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { peerOf } from '../arrivals.ts';
import type { StreamServer } from '../serve-http2.ts';
import type { SlowStreams } from './slow-streams.ts';

interface Http2Options {
  /** How long a connection without a request stays open, in milliseconds. */
  readonly clientIdleMs: number;
  readonly maxHeaderBytes: number;
  readonly streams: StreamServer;
  readonly slowStreams: Pick<SlowStreams, 'watch'>;
  readonly log: Logger;
}

/** The connections on which clients speak HTTP/2. */
export interface Http2Sessions {
  /** Speaks HTTP/2 on a connection whose TLS agreed on it. */
  accept(socket: TLSSocket): void;
  /** From now on new requests are turned away unread, so that clients may ask them elsewhere (RFC 9113 §6.8), and each connection ends with its last one. */
  end(): void;
  /** Ends what is left. */
  breakOff(): void;
}

/** What Node tells beside a new stream: its fields are as they came, names and values take turns. */
type StreamStart = readonly [headers: unknown, flags: number, fields: readonly string[]];

/** Requests at the same time on one connection, as most servers have it. */
const concurrentStreams = 128;

/** Knows nobody until `accept`. */
export function createHttp2Sessions({ clientIdleMs, maxHeaderBytes, streams, slowStreams, log }: Http2Options): Http2Sessions {
  const sessions = new Set<ServerHttp2Session>();
  let isEnding = false;

  function accept(socket: TLSSocket): void {
    const peer = peerOf(socket);
    if (peer === null) {
      socket.destroy();
      return;
    }
    const session = performServerHandshake(socket, {
      // What targets say twice is not for us to judge.
      strictSingleValueFields: false,
      settings: { maxConcurrentStreams: concurrentStreams, maxHeaderListSize: maxHeaderBytes, enableConnectProtocol: true },
    });
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', (error) => log.debug({ reason: errorMessage(error) }, 'an HTTP/2 connection broke'));
    let open = 0;
    session.on('stream', (stream: ServerHttp2Stream, ...[, flags, fields]: StreamStart) => {
      open += 1;
      stream.once('close', () => {
        open -= 1;
      });
      slowStreams.watch(stream);
      streams.serve({ stream, fields, endsHere: (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0, peer });
    });
    session.setTimeout(clientIdleMs, () => {
      if (open === 0) session.close();
    });
    if (isEnding) session.close();
  }

  return {
    accept,
    end() {
      isEnding = true;
      for (const session of sessions) session.close();
    },
    breakOff() {
      for (const session of sessions) session.destroy();
    },
  };
}
