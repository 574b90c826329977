import type { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import type { AccessLog } from './access-log.ts';
import { peerOf } from './arrivals.ts';
import { type ErrorStatus, errorPage, rawAnswer } from './core/error-page.ts';
import { noteRefusal } from './refusals.ts';
import type { Traffic } from './traffic.ts';

interface RefusalPorts {
  readonly traffic: Pick<Traffic, 'refused'>;
  readonly access: Pick<AccessLog, 'wantsRefused' | 'refused'>;
  readonly log: Logger;
  /** The answer that was begun or promised last on this connection; null before the first request. */
  readonly lastAnswer: (connection: Duplex) => ServerResponse | null;
}

/** Why node:http could not read on. */
export type ByteError = Error & { readonly code?: string };

/**
 * Makes what is done with bytes that are no request: one answer that says so, and the end of the connection. What was asked properly before
 * them on the same connection is answered first.
 */
export function createByteRefusal({ traffic, access, log, lastAnswer }: RefusalPorts): (error: ByteError, connection: Duplex) => void {
  const waiting = new WeakSet<Duplex>();

  function refuse(error: ByteError, connection: Duplex): void {
    if (!connection.writable) {
      connection.destroy();
      return;
    }
    const status = statusOf(error);
    connection.end(rawAnswer(errorPage(status)), () => connection.destroy());
    const client = connection instanceof Socket ? (peerOf(connection)?.address ?? null) : null;
    noteRefusal({ traffic, access }, { status, protocol: 'HTTP/1.1', method: null, path: null, client, reason: errorMessage(error) });
    log.debug({ status, reason: errorMessage(error) }, 'bytes refused');
  }

  return (error, connection) => {
    // The parser complains again about each further piece.
    if (waiting.has(connection)) return;
    const last = lastAnswer(connection);
    const pending = last !== null && !last.writableFinished;
    if (!connection.writable || error.code === 'ECONNRESET') {
      connection.destroy();
    } else if (!pending) {
      refuse(error, connection);
    } else if (last.req.complete) {
      waiting.add(connection);
      last.once('close', () => refuse(error, connection));
    } else if (last.headersSent || last.socket === null) {
      // The broken bytes are the body of a request whose answer has begun, or cannot begin yet.
      connection.destroy();
    } else {
      refuse(error, connection);
    }
  };
}

function statusOf({ code }: ByteError): ErrorStatus {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}
