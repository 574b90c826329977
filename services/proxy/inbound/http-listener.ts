import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket, Server as TlsServer } from 'node:tls';
import { type Closable, errorMessage } from '@kedge/shared/kernel';
import type { Logger } from '@kedge/shared/service';
import { arrivedByHttp1 } from '../arrivals.ts';
import type { SendQueues } from '../ports.ts';
import type { StreamServer } from '../serve-http2.ts';
import type { RequestServer } from '../serve-request.ts';
import { isUpgrade, type UpgradeServer } from '../serve-upgrade.ts';
import type { Traffic } from '../traffic.ts';
import { beforeOthers } from './before-others.ts';
import { drainConnections } from './drain-connections.ts';
import { watchHandshakes } from './handshakes.ts';
import { createHttp2Sessions, type Http2Sessions } from './http2-sessions.ts';
import { type ListeningSockets, listenOn } from './listen-on.ts';
import { heedPreambles } from './preambles.ts';
import type { ServerNames } from './server-names.ts';
import { watchSlowReaders } from './slow-readers.ts';
import { watchSlowStreams } from './slow-streams.ts';

/** Of one door. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly clientIdleMs: number;
  readonly clientHeadersMs: number;
  readonly maxHeaderBytes: number;
  /** Whether a connection may stay; one that may not is ended already. */
  readonly admit: (socket: Socket) => boolean;
  readonly downloadIdleMs: number;
  /** Null: no TLS. */
  readonly serverNames: ServerNames | null;
  readonly sendQueues: SendQueues;
  /** Who has to tell first for whom it connects; null: nobody does. */
  readonly senders: () => ((address: string) => boolean) | null;
  readonly requests: RequestServer;
  readonly streams: StreamServer;
  readonly upgrades: UpgradeServer;
  /** Counted here. */
  readonly connections: Traffic['connections'];
  readonly log: Logger;
}

/** An open door. */
export interface HttpListener {
  /** The port that was given to it. */
  readonly port: number;
  /** That listen there for it, in the tables of the kernel. */
  readonly sockets: number;
  /**
   * Accepts nobody any more, lets requests under way end (with `Connection: close`), and breaks off what is left after `drainMs`.
   * Resolves to the number of connections that were broken off.
   */
  close(drainMs: number): Promise<number>;
}

/** Of each door: thousands may come at once. */
const sockets = 64;
const tlsSettings = { minVersion: 'TLSv1.2' } as const;
/** Between two looks at the heads that arrive. */
const soonestCheckMs = 250;

/** Opens the door: plain for HTTP/1.1, by TLS for HTTP/2 too. Rejects with what `listen` says when the address cannot be had. */
export async function openHttpListener(options: ListenerOptions): Promise<HttpListener> {
  const server = createHttpServer(options);
  const slowStreams = watchSlowStreams({ idleMs: options.downloadIdleMs, log: options.log });
  const sessions = createHttp2Sessions({ ...options, slowStreams });
  if (server instanceof TlsServer) divert(server, sessions);
  const handshakes = watchHandshakes(server);
  countConnections(server, options.connections);
  const slowReaders = watchSlowReaders(server, { ...options, idleMs: options.downloadIdleMs });
  const nameless = keepNameless(server, options.serverNames);
  beforeOthers(server, (socket, pass) => options.admit(socket) && pass());
  const preambles = heedPreambles(server, options);
  const endWatches = async () => void (await Promise.all([slowReaders.close(), slowStreams.close(), nameless?.close()]));
  const settings = { allowHalfOpen: options.serverNames === null, noDelay: true };
  let listening: ListeningSockets;
  try {
    listening = await listenOn(server, { ...options, settings, sockets });
  } catch (thrown) {
    await endWatches();
    throw thrown;
  }
  server.on('error', (error) => options.log.error({ reason: error.message }, 'the listener reported an error'));
  return {
    ...listening,
    async close(drainMs) {
      const brokenOff = await drainConnections(server, {
        listening,
        upgrades: options.upgrades,
        beginners: [preambles, handshakes],
        sessions,
        drainMs,
      });
      await endWatches();
      return brokenOff;
    },
  };
}

function keepNameless(server: Server, serverNames: ServerNames | null): Closable | null {
  if (!serverNames || !(server instanceof TlsServer)) return null;
  return serverNames.keepNameless((pair) => server.setSecureContext({ ...tlsSettings, ...pair }));
}

function createHttpServer({
  clientIdleMs,
  clientHeadersMs,
  maxHeaderBytes,
  serverNames,
  requests,
  upgrades,
  log,
}: ListenerOptions): Server {
  const settings = {
    noDelay: true,
    keepAliveTimeout: clientIdleMs,
    headersTimeout: clientHeadersMs,
    connectionsCheckingInterval: Math.max(soonestCheckMs, clientHeadersMs / 10),
    // A long upload is not a slow one: uploads are watched for silence instead.
    requestTimeout: 0,
    maxHeaderSize: maxHeaderBytes,
    // Who names no host is refused with the others, and counted.
    requireHostHeader: false,
    insecureHTTPParser: false,
    // Behind a request that is not answered yet, both would speak on the connection at once: the offer is not taken then.
    shouldUpgradeCallback: (request: IncomingMessage) => isUpgrade(request) && !requests.isAnswering(request.socket),
  };
  const tls = { ...tlsSettings, ALPNProtocols: ['h2', 'http/1.1'], handshakeTimeout: clientHeadersMs };
  const server = serverNames === null ? createServer(settings) : createTlsServer({ ...settings, ...tls, ...serverNames.options });
  // Node would leave out headers beyond the limit silently; their size is bounded already.
  server.maxHeadersCount = 0;
  server.on('request', requests.serve);
  // The upstream decides whether it wants the body, not we.
  server.on('checkContinue', requests.serve);
  server.on('checkExpectation', requests.refuseExpectation);
  server.on('clientError', requests.refuseBytes);
  server.on('upgrade', (request, socket, head) => {
    upgrades.serve({ arrived: arrivedByHttp1(request), request, socket, head }).catch((thrown: unknown) => {
      log.error({ reason: errorMessage(thrown) }, 'upgrade could not be handled');
      socket.destroy();
    });
  });
  server.on('connect', requests.refuseTunnel);
  return server;
}

/** Those whose TLS agreed on HTTP/2 are not HTTP/1.1's. */
function divert(server: Server, sessions: Http2Sessions): void {
  const others = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') sessions.accept(socket);
    else for (const listener of others) listener.call(server, socket);
  });
}

function countConnections(server: Server, connections: Traffic['connections']): void {
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    const protocol = socket instanceof TLSSocket && socket.alpnProtocol === 'h2' ? 'http2' : 'http1';
    connections[protocol] += 1;
    socket.once('close', () => {
      connections[protocol] -= 1;
    });
  });
}
