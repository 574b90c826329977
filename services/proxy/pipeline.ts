import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** One request with its answer, as node:http hands them over. */
export interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Client connections on which requests may come before the ones before them are answered (RFC 9112 §9.3.2). */
export interface Pipeline {
  /** Calls `start` when it is the turn of this request: sent on at once, it could overtake those before it. */
  enter(turn: Turn, start: (turn: Turn) => void): void;
  /** The last answer of a connection; null before its first request. */
  lastOf(connection: Duplex): ServerResponse | null;
}

/** A client that sends this many requests without waiting for an answer is not a client. */
const limit = 128;

interface Line {
  last: ServerResponse;
  waiting: number;
}

/** It holds nothing of connections that are gone. */
export function createPipeline(): Pipeline {
  const lines = new WeakMap<Duplex, Line>();

  return {
    enter(turn, start) {
      const { request, response } = turn;
      const line = lines.get(request.socket);
      if (!line) {
        lines.set(request.socket, { last: response, waiting: 0 });
        start(turn);
        return;
      }
      const previous = line.last;
      line.last = response;
      // An answer without a socket of its own stands behind the previous one.
      if (response.socket !== null) {
        start(turn);
        return;
      }
      line.waiting += 1;
      if (line.waiting > limit) request.socket.destroy();
      previous.once('close', () => {
        line.waiting -= 1;
        if (!request.socket.destroyed) start(turn);
      });
    },
    lastOf: (connection) => lines.get(connection)?.last ?? null,
  };
}
