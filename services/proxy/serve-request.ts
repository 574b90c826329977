import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorMessage } from '@kedge/shared/kernel';
import { admitRequest } from './admit-request.ts';
import { arrivedByHttp1, peerOf } from './arrivals.ts';
import { type ErrorStatus, errorPage, rawAnswer, type ShortAnswer } from './core/error-page.ts';
import { Http1Client } from './http1-client.ts';
import { Passage } from './passage.ts';
import { createPipeline, type Turn } from './pipeline.ts';
import { noteRefusal } from './refusals.ts';
import { type ByteError, createByteRefusal } from './refuse-bytes.ts';
import type { Surroundings } from './surroundings.ts';

/** What a listener does with what arrives. */
export interface RequestServer {
  serve(request: IncomingMessage, response: ServerResponse): void;
  /** Bytes that are no request. */
  refuseBytes(error: ByteError, connection: Duplex): void;
  /** RFC 9110 §10.1.1: an `Expect` of something else than `100-continue`. */
  refuseExpectation(request: IncomingMessage, response: ServerResponse): void;
  /** RFC 9110 §9.3.6: an origin's proxy tunnels nothing. */
  refuseTunnel(request: IncomingMessage, connection: Duplex): void;
  /** True while a request of this connection is not answered yet. */
  isAnswering(connection: Duplex): boolean;
}

interface Refused {
  readonly status: ErrorStatus;
  readonly reason?: string;
}

/** Answers whatever HTTP/1.1 can ask: nothing that it is handed goes unanswered or uncounted, and nothing of it throws. */
export function createRequestServer(surroundings: Surroundings): RequestServer {
  const { log, isStopping, readAhead } = surroundings;
  const pipeline = createPipeline();

  function start({ request, response }: Turn): void {
    try {
      pass({ request, response });
    } catch (thrown) {
      log.error({ reason: errorMessage(thrown) }, 'request could not be handled');
      if (!response.headersSent) refuse({ request, response }, { status: 500 });
      else request.socket.destroy();
    }
  }

  function pass({ request, response }: Turn): void {
    const admission = admitRequest(arrivedByHttp1(request), surroundings);
    switch (admission.kind) {
      case 'refuse':
        refuse({ request, response }, admission);
        return;
      case 'redirect':
        conclude({ request, response }, admission.answer);
        return;
      case 'gone':
        request.socket.destroy();
        return;
      case 'admitted': {
        const { asked } = admission;
        const client = new Http1Client({ request, response, facts: asked.facts, isStopping, readAhead });
        new Passage(surroundings, { client, asked }).begin();
        return;
      }
      default:
        admission satisfies never;
    }
  }

  /** Closes the connection too: where one request was ambiguous, the place where the next one begins is as well. */
  function refuse({ request, response }: Turn, { status, reason }: Refused): void {
    conclude({ request, response }, errorPage(status, { accept: request.headers.accept, detail: reason }), reason);
    log.debug({ status, reason }, 'request refused');
  }

  function conclude({ request, response }: Turn, { status, reason, headers, body }: ShortAnswer, why: string | null = null): void {
    response.writeHead(status, reason, [...headers, 'Connection', 'close']);
    response.end(body);
    note(request, { status, why });
  }

  function note(request: IncomingMessage, { status, why }: { readonly status: number; readonly why: string | null }): void {
    const { method = null, url: path = null, httpVersion, socket } = request;
    const client = peerOf(socket)?.address ?? null;
    noteRefusal(surroundings, { status, protocol: `HTTP/${httpVersion}`, method, path, client, reason: why });
  }

  return {
    serve: (request, response) => pipeline.enter({ request, response }, start),
    refuseExpectation: (request, response) =>
      pipeline.enter({ request, response }, (turn) =>
        refuse(turn, { status: 417, reason: 'Expect may be 100-continue, and nothing else' }),
      ),
    refuseTunnel(request, connection) {
      connection.on('error', () => connection.destroy());
      // Behind a request that is not answered yet, this would be taken for the answer to that one.
      if (pipeline.lastOf(connection)?.writableFinished === false) {
        connection.destroy();
        return;
      }
      connection.end(rawAnswer(errorPage(405)), () => connection.destroy());
      note(request, { status: 405, why: null });
    },
    refuseBytes: createByteRefusal({ ...surroundings, lastAnswer: pipeline.lastOf }),
    isAnswering: (connection) => pipeline.lastOf(connection)?.writableFinished === false,
  };
}
