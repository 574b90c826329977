import { createServer, type IncomingMessage, request, Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** What a registry may suffer from, as the watcher meets it. */
export const sicknesses = {
  refused: ['REGISTRY_UNREACHABLE'],
  /** It speaks TLS all of a sudden, to a watcher that does not; what certificates may suffer from is a story of its own. */
  tls: ['REGISTRY_UNREACHABLE'],
  unauthorized: ['REGISTRY_DENIED'],
  forbidden: ['REGISTRY_DENIED'],
  limited: ['REGISTRY_RATE_LIMITED'],
  failing: ['REGISTRY_ERROR'],
  truncated: ['REGISTRY_UNREACHABLE', 'REGISTRY_BAD_ANSWER'],
  'wrong digest': ['REGISTRY_BAD_ANSWER'],
  silent: ['REGISTRY_UNREACHABLE'],
} as const satisfies Record<string, readonly string[]>;
export type Sickness = keyof typeof sicknesses;

/** Those that an answer without a body does not show. */
const bodily: ReadonlySet<Sickness> = new Set(['truncated', 'wrong digest']);

/** The pause that it asks for with 429, in seconds. */
export const pauseSeconds = 7;

/** A way to a registry on which its answers to the watcher, and to nobody else, can go wrong. */
export interface SickRegistry {
  readonly port: number;
  fallIll(sickness: Sickness): Promise<void>;
  recover(): Promise<void>;
  close(): Promise<void>;
}

/** Opens it before the registry that listens on `registryPort` of the loopback. */
export async function openSickRegistry(registryPort: number): Promise<SickRegistry> {
  let sickness: Sickness | null = null;
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;

  async function listen(on: number, opened: NetServer = createServer(answer)): Promise<NetServer> {
    const { promise, resolve } = Promise.withResolvers<void>();
    opened.listen(on, '127.0.0.1', resolve);
    await promise;
    return opened;
  }

  async function shut(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    if (server instanceof Server) server.closeAllConnections();
    await promise;
  }

  const symptoms: Readonly<Record<Sickness, (to: ServerResponse) => void>> = {
    unauthorized: (to) => end(to, 401),
    forbidden: (to) => end(to, 403),
    limited: (to) => end(to, 429, { headers: { 'retry-after': String(pauseSeconds) } }),
    failing: (to) => end(to, 500),
    truncated: (to) => truncate(to),
    'wrong digest': (to) => end(to, 200, { headers: { 'content-type': manifestType }, body: '{}' }),
    // Nobody ever answers.
    refused: () => undefined,
    tls: () => undefined,
    silent: () => undefined,
  };

  function answer(from: IncomingMessage, to: ServerResponse): void {
    if (sickness === null || !isWatcher(from) || (from.method === 'HEAD' && bodily.has(sickness))) {
      pass(from, to);
      return;
    }
    symptoms[sickness](to);
  }

  function pass(from: IncomingMessage, to: ServerResponse): void {
    const { method, url, headers } = from;
    const onward = request({ host: '127.0.0.1', port: registryPort, method, path: url, headers }, (reply) => {
      to.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(to);
    });
    onward.on('error', () => to.destroy());
    from.pipe(onward);
  }

  return {
    port,
    async fallIll(with_) {
      sickness = with_;
      if (with_ === 'refused' || with_ === 'tls') await shut();
      if (with_ === 'tls') server = await listen(port, createTlsServer());
    },
    async recover() {
      if (sickness === 'tls') await shut();
      if (sickness === 'refused' || sickness === 'tls') server = await listen(port);
      sickness = null;
    },
    close: shut,
  };
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';

function isWatcher({ headers }: IncomingMessage): boolean {
  return !(headers['user-agent'] ?? '').startsWith('docker/');
}

interface Answer {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function end(to: ServerResponse, status: number, { headers = {}, body = '' }: Answer = {}): void {
  to.writeHead(status, headers).end(body);
}

/** Promises more than it sends. */
function truncate(to: ServerResponse): void {
  to.writeHead(200, { 'content-type': manifestType, 'content-length': '5000' });
  to.write('{"schemaVersion":2,', () => to.destroy());
}
