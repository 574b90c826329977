import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorMessage } from '@kedge/shared/kernel';
import { type ErrorStatus, errorPage, rawErrorAnswer } from './core/error-page.ts';
import { forwardHeaders, plainAddress, writeRequestHead } from './core/forwarded-headers.ts';
import { readRequestHead } from './core/read-request-head.ts';
import { Passage } from './passage.ts';
import type { Surroundings } from './surroundings.ts';

/** What a listener does with what arrives. */
export interface RequestServer {
  serve(request: IncomingMessage, response: ServerResponse): void;
  /** Bytes that are no request. */
  refuseBytes(error: Error & { readonly code?: string }, socket: Duplex): void;
}

/** The requests of one client connection, which are answered in their order. */
interface Line {
  last: ServerResponse;
  waiting: number;
}

/** A client that sends this many requests without waiting for an answer is not a client. */
const pipelineLimit = 128;

export function createRequestServer(surroundings: Surroundings): RequestServer {
  const { log, traffic } = surroundings;
  const lines = new WeakMap<Duplex, Line>();

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const line = lines.get(request.socket);
    if (!line) {
      lines.set(request.socket, { last: response, waiting: 0 });
      start(request, response);
      return;
    }
    const previous = line.last;
    line.last = response;
    // Without a socket of its own the answer stands behind the previous one. Sent on already, the request could overtake that one.
    if (response.socket === null) wait(line, { previous, request, response });
    else start(request, response);
  }

  function wait(
    line: Line,
    {
      previous,
      request,
      response,
    }: { readonly previous: ServerResponse; readonly request: IncomingMessage; readonly response: ServerResponse },
  ): void {
    line.waiting += 1;
    if (line.waiting > pipelineLimit) request.socket.destroy();
    previous.once('close', () => {
      line.waiting -= 1;
      if (!request.socket.destroyed) start(request, response);
    });
  }

  function start(request: IncomingMessage, response: ServerResponse): void {
    try {
      pass(request, response);
    } catch (thrown) {
      log.error({ reason: errorMessage(thrown) }, 'request could not be handled');
      if (!response.headersSent) refuse(request, response, 500);
      else request.socket.destroy();
    }
  }

  function pass(request: IncomingMessage, response: ServerResponse): void {
    const { rawHeaders, httpVersion, method = 'GET', url: target = '/' } = request;
    const facts = readRequestHead({ method, target, httpVersion, rawHeaders });
    if (facts.kind === 'refuse') {
      refuse(request, response, facts.status, facts.reason);
      return;
    }
    const address = request.socket.remoteAddress;
    if (address === undefined) {
      request.socket.destroy(); // gone already
      return;
    }
    const trust = surroundings.routes.current()?.trustForwarded ?? false;
    const headers = forwardHeaders({ facts, rawHeaders, peer: { address: plainAddress(address), protocol: 'http' }, trust });
    new Passage(surroundings, request, response, facts, writeRequestHead(method, facts.path, headers)).begin();
  }

  /** Closes the connection too: where one request was ambiguous, the place where the next one begins is as well. */
  function refuse(request: IncomingMessage, response: ServerResponse, status: ErrorStatus, reason?: string): void {
    const page = errorPage(status, { accept: request.headers.accept, ...(reason === undefined ? {} : { detail: reason }) });
    response.writeHead(page.status, page.reason, [...page.headers, 'Connection', 'close']);
    response.end(page.body);
    countRefusal(status);
    log.debug({ status, reason }, 'request refused');
  }

  function refuseBytes(error: Error & { readonly code?: string }, socket: Duplex): void {
    const inFlight = lines.get(socket)?.last;
    const answering = inFlight && !inFlight.writableFinished;
    if (!socket.writable || error.code === 'ECONNRESET' || (answering && inFlight.headersSent)) {
      socket.destroy();
      return;
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    socket.end(rawErrorAnswer(errorPage(status)), () => socket.destroy());
    countRefusal(status);
    log.debug({ status, reason: errorMessage(error) }, 'bytes refused');
  }

  function countRefusal(status: ErrorStatus): void {
    const nobody = traffic.of(null);
    nobody.begin();
    nobody.end(status, 0);
  }

  return { serve, refuseBytes };
}
