import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Closable } from '@kedge/shared/kernel';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
  readonly accept: string | null;
}

/** A registry that speaks the protocol and can be told to misbehave. */
export interface FakeRegistry extends Closable {
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly requests: SeenRequest[];
  /** TLS handshakes that somebody began with it while it listens without TLS. */
  handshakes: number;
  /** Stores a manifest under its digest and, if named, under tags; returns the digest. */
  put(repository: string, manifest: unknown, ...tags: string[]): string;
  remove(repository: string, reference: string): void;
  /** Answers first: return true when the answer was given, false to let the registry answer. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | null;
  /** Leave the digest out of answers to HEAD and GET. */
  hidesDigest: boolean;
  /** Wanted in `Authorization`; null lets everybody in. */
  wants: { readonly authorization: string; readonly challenge: string } | null;
}

export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
} as const;

/** A manifest of one image that differs from others by `seed`. */
export function imageManifest(seed: string): unknown {
  const digest = `sha256:${createHash('sha256').update(seed).digest('hex')}`;
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 },
    layers: [],
  };
}

/** An index over variants, by platform such as `linux/amd64`. */
export function imageIndex(variants: Readonly<Record<string, string>>, annotation = ''): unknown {
  const manifests = Object.entries(variants).map(([platform, digest]) => {
    const [os, architecture, variant] = platform.split('/');
    return { mediaType: mediaTypes.manifest, digest, size: 2, platform: { os, architecture, ...(variant ? { variant } : {}) } };
  });
  return { schemaVersion: 2, mediaType: mediaTypes.index, manifests, annotations: { annotation } };
}

/** How it listens; absent: without TLS, at any free port. */
interface Listening {
  /** In PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly port?: number;
}

export async function startFakeRegistry({ tls, port = 0 }: Listening = {}): Promise<FakeRegistry> {
  const manifests = new Map<string, { readonly body: Buffer; readonly digest: string; readonly type: string }>();
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, path: url, authorization: headers.authorization ?? null, accept: headers.accept ?? null });
    if (registry.intercept?.(request, response)) return;
    if (registry.wants && headers.authorization !== registry.wants.authorization) {
      response.writeHead(401, { 'www-authenticate': registry.wants.challenge }).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
      return;
    }
    const [, repository = '', reference = ''] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url) ?? [];
    const found = manifests.get(`${repository}@${reference}`);
    if (!found) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
      return;
    }
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': found.body.length,
      ...(registry.hidesDigest ? {} : { 'docker-content-digest': found.digest }),
    });
    response.end(method === 'HEAD' ? undefined : found.body);
  };
  const server = tls ? createSecureServer(tls, answer) : createServer(answer);
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    if (code === 'HPE_INVALID_METHOD') registry.handshakes += 1;
    socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const { port: at } = server.address() as AddressInfo;

  const registry: FakeRegistry = {
    host: `127.0.0.1:${at}`,
    requests,
    handshakes: 0,
    intercept: null,
    hidesDigest: false,
    wants: null,
    put(repository, manifest, ...tags) {
      const body = Buffer.from(JSON.stringify(manifest));
      const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
      const type =
        typeof manifest === 'object' && manifest !== null && 'mediaType' in manifest ? String(manifest.mediaType) : mediaTypes.manifest;
      for (const reference of [digest, ...tags]) manifests.set(`${repository}@${reference}`, { body, digest, type });
      return digest;
    },
    remove: (repository, reference) => void manifests.delete(`${repository}@${reference}`),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return registry;
}
