import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { crc32c } from '../core/crc32c.ts';

/** What the stand-in for Google knows. Tests change it while it runs. */
export interface FakeGoogle {
  /** `http://127.0.0.1:…`, of Secret Manager and of the metadata server. */
  readonly endpoint: string;
  /** Values by `projects/…/secrets/…/versions/…`. */
  readonly values: Map<string, string | Uint8Array>;
  /** Answers other than the value, by the same. */
  readonly faults: Map<string, Fault>;
  /** The paths that were asked for. */
  readonly asked: string[];
  token: string;
  close(): Promise<void>;
}

export type Fault = { readonly status: number; readonly body?: string } | 'damaged';

/** Speaks `projects.secrets.versions.access` of REST v1, and the metadata server's way to a token. */
export async function startFakeGoogle(): Promise<FakeGoogle> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const google: FakeGoogle = {
    endpoint: `http://127.0.0.1:${port}`,
    values: new Map(),
    faults: new Map(),
    asked: [],
    token: 'token-1',
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return google;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    google.asked.push(path);
    if (path.startsWith('/computeMetadata/v1/')) {
      response.setHeader('metadata-flavor', 'Google');
      if (request.headers['metadata-flavor'] === 'Google')
        json(response, { status: 200, body: { access_token: google.token, expires_in: 3_600 } });
      else json(response, { status: 403, body: {} });
      return;
    }
    const name = /^\/v1\/(projects\/.*):access$/.exec(path)?.[1] ?? '';
    const wrong = google.faults.get(name);
    const value = google.values.get(name);
    if (request.headers.authorization !== `Bearer ${google.token}`) refuse(response, { code: 401, status: 'UNAUTHENTICATED' });
    else if (typeof wrong === 'object') response.writeHead(wrong.status).end(wrong.body ?? '');
    else if (value === undefined) refuse(response, { code: 404, status: 'NOT_FOUND' });
    else {
      const bytes = Buffer.from(value);
      const crc = crc32c(bytes) + (wrong === 'damaged' ? 1 : 0);
      json(response, { status: 200, body: { name, payload: { data: bytes.toString('base64'), dataCrc32c: String(crc) } } });
    }
  }
}

function refuse(response: ServerResponse, { code, status }: { readonly code: number; readonly status: string }): void {
  json(response, { status: code, body: { error: { code, message: 'refused', status } } });
}

function json(response: ServerResponse, { status, body }: { readonly status: number; readonly body: unknown }): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body));
}
