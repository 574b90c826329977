import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { makeSelfSigned } from '../testing/self-signed.ts';
import { fetchUnverified } from './fetch-unverified.ts';

describe('a request whose certificate nobody looks at', () => {
  const { signal } = new AbortController();
  const stopping = new AbortController();
  let url: URL;
  let stop: () => void;
  before(async () => {
    const server = createServer(await makeSelfSigned(), (request, response) => {
      if (request.url === '/never') stopping.abort();
      else void echo(request, response);
    });
    async function echo(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const body = await text(request);
      response.writeHead(307, [
        ...['location', '/elsewhere', 'www-authenticate', 'Basic realm="a"', 'www-authenticate', 'Bearer realm="b"'],
      ]);
      response.end(`${request.method} ${request.headers['x-test']} ${body}`);
    }
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
    stop = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  after(() => stop());

  it('sends method, headers and body, and gives back what came, redirects too', async () => {
    const { status, headers, body } = await fetchUnverified(url, { method: 'POST', headers: { 'x-test': 'v' }, body: 'said', signal });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body ?? []) chunks.push(chunk);
    assert.deepEqual([status, headers.get('location'), Buffer.concat(chunks).toString()], [307, '/elsewhere', 'POST v said']);
    assert.equal(headers.get('www-authenticate'), 'Basic realm="a", Bearer realm="b"');
  });

  it('is given up when its signal says so', async () => {
    const request = fetchUnverified(new URL('/never', url), { method: 'GET', headers: {}, signal: stopping.signal });
    await assert.rejects(request, { name: 'AbortError' });
  });
});
