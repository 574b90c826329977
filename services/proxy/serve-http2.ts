import { randomBytes } from 'node:crypto';
import { IncomingMessage } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import { errorMessage } from '@kedge/shared/kernel';
import { admitRequest } from './admit-request.ts';
import { type ErrorStatus, errorPage, type ShortAnswer } from './core/error-page.ts';
import type { Peer } from './core/forwarded-headers.ts';
import { headerIn, withoutHeaders } from './core/header-edits.ts';
import { readHttp2Head, type TranslatedHead } from './core/http2-head.ts';
import { Http2Client } from './http2-client.ts';
import { Http2Tunnel } from './http2-tunnel.ts';
import { Passage } from './passage.ts';
import { noteRefusal } from './refusals.ts';
import type { UpgradeServer } from './serve-upgrade.ts';
import type { Surroundings } from './surroundings.ts';

/** A request of HTTP/2. */
export interface AskedStream {
  readonly stream: ServerHttp2Stream;
  /** Names and values take turns. */
  readonly fields: readonly string[];
  /** True: no body follows. */
  readonly endsHere: boolean;
  readonly peer: Peer;
}

/** What a listener does with streams. */
export interface StreamServer {
  serve(asked: AskedStream): void;
}

/** HTTP/2 has none (RFC 8441 §5): what a client sends as one means nothing. */
const keys: ReadonlySet<string> = new Set(['sec-websocket-key']);

/** Answers whatever HTTP/2 can ask: no stream stays unanswered or uncounted, and nothing of it throws. */
export function createStreamServer(surroundings: Surroundings, upgrades: UpgradeServer): StreamServer {
  const { log, readAhead } = surroundings;

  function serve(asked: AskedStream): void {
    const { stream } = asked;
    // Without a listener a reset by the client would end the process.
    stream.on('error', (error) => log.debug({ reason: error.message }, 'a stream broke'));
    try {
      pass(asked);
    } catch (thrown) {
      log.error({ reason: errorMessage(thrown) }, 'request could not be handled');
      if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else refuse(asked, { status: 500 });
    }
  }

  function pass(asked: AskedStream): void {
    const { stream, fields, endsHere, peer } = asked;
    const head = readHttp2Head(fields, endsHere);
    if (head.kind === 'refuse') refuse(asked, head);
    else if (head.protocol === 'websocket' && head.method === 'CONNECT') open(stream, head, peer);
    else if (head.method === 'CONNECT') refuse(asked, { status: head.protocol === null ? 405 : 501 });
    else passOn(asked, head);
  }

  /** A WebSocket (RFC 8441), as a target knows it from HTTP/1.1. */
  function open(stream: ServerHttp2Stream, { rawHeaders, target, httpVersion }: TranslatedHead, peer: Peer): void {
    const socket = new Http2Tunnel(stream);
    const key = randomBytes(16).toString('base64');
    const arrived = {
      method: 'GET',
      target,
      httpVersion,
      rawHeaders: [...withoutHeaders(rawHeaders, keys), 'Sec-WebSocket-Key', key],
      peer,
    };
    upgrades.serve({ arrived, request: upgradeRequest(socket, target), socket, head: Buffer.alloc(0) }).catch((thrown: unknown) => {
      log.error({ reason: errorMessage(thrown) }, 'upgrade could not be handled');
      socket.destroy();
    });
  }

  function passOn(asking: AskedStream, head: TranslatedHead): void {
    const { stream, peer } = asking;
    const admission = admitRequest({ ...head, peer }, surroundings);
    switch (admission.kind) {
      case 'refuse':
        refuse(asking, admission);
        return;
      case 'redirect':
        conclude(asking, admission.answer);
        return;
      case 'gone':
        stream.close(constants.NGHTTP2_CANCEL);
        return;
      case 'admitted': {
        const { asked } = admission;
        const client = new Http2Client({ stream, ...asked, readAhead });
        new Passage(surroundings, { client, asked }).begin();
        return;
      }
      default:
        admission satisfies never;
    }
  }

  /** The other requests of its connection are not in doubt: each has a frame of its own. */
  function refuse(asked: AskedStream, { status, reason }: { readonly status: ErrorStatus; readonly reason?: string }): void {
    conclude(asked, errorPage(status, { detail: reason }), reason);
    log.debug({ status, reason }, 'request refused');
  }

  function conclude({ stream, fields, peer }: AskedStream, { status, headers, body }: ShortAnswer, why: string | null = null): void {
    const [method = null, path = null] = [headerIn(fields, ':method'), headerIn(fields, ':path')];
    noteRefusal(surroundings, { status, protocol: 'HTTP/2', method, path, client: peer.address, reason: why });
    if (stream.destroyed || stream.closed) return;
    stream.respond([':status', String(status), ...headers]);
    stream.end(body, 'latin1');
    stream.resume();
    stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
  }

  return { serve };
}

/** As node:http would have handed it over; of 1.0, so that an answer in the place of a WebSocket comes as it is, and not in chunks. */
function upgradeRequest(socket: Http2Tunnel, target: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  return Object.assign(request, { method: 'GET', url: target, httpVersion: '1.0', socket });
}
