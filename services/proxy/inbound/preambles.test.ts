import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { ProxySettings } from '@kedge/shared/contracts';
import { endpoints } from '../testing/endpoints.ts';
import { ask } from '../testing/http-client.ts';
import { startHttpUpstream } from '../testing/http-upstream.ts';
import { sendRaw } from '../testing/raw-http.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const request = 'GET / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n';
const preamble = 'PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n';

async function arrange(t: TestContext, settings: ProxySettings) {
  const upstream = await startHttpUpstream((asked, response) => {
    asked.resume();
    asked.on('end', () => response.end(`from ${asked.headers['x-forwarded-for']}`));
  });
  const environment = { KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: await temporaryFolder() };
  const plane = await startDataPlane(environment);
  t.after(async () => {
    await plane.close();
    await upstream.close();
  });
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])], { strategy: 'both', ...settings });
  return plane;
}

const fromHere = { proxy_protocol_from: ['127.0.0.0/8'] };

describe('a proxy before this one that tells for whom it connects', () => {
  it('is believed, wherever its first bytes are cut', async (t) => {
    const { port } = await arrange(t, fromHere);
    const bytes = preamble + request;
    for (const at of [1, 5, 20, preamble.length - 1, preamble.length, preamble.length + 3, bytes.length]) {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      socket.write(bytes.slice(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      socket.write(bytes.slice(at));
      let answer = '';
      for await (const chunk of socket) answer += String(chunk);
      assert.match(answer, /from 192\.0\.2\.7$/m, String(at));
    }
  });

  it('is so for uploads and for several requests of a connection', async (t) => {
    const { port } = await arrange(t, fromHere);
    const body = 'x'.repeat(100_000);
    const first = `POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const answer = await sendRaw(port, preamble + first + request);
    assert.equal(answer.match(/from 192\.0\.2\.7/g)?.length, 2);
  });

  it('is so before TLS', async (t) => {
    const { https } = await arrange(t, fromHere);
    const plain = connect({ port: https?.port() ?? 0, host: '127.0.0.1' });
    plain.write(preamble);
    const socket = connectTls({ socket: plain, servername: 'web.test', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    socket.write(request);
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    assert.match(answer, /from 192\.0\.2\.7/);
  });

  it('is cut off without an answer when it does not', async (t) => {
    const { port } = await arrange(t, fromHere);
    assert.equal(await sendRaw(port, request), '');
    assert.equal(await sendRaw(port, 'PROXY TCP4 nonsense\r\n'), '');
  });

  it('does not keep the proxy from ending, whether it tells or not', async (t) => {
    const { port, https, listening } = await arrange(t, fromHere);
    const dial = (to: number) => connect({ port: to, host: '127.0.0.1' });
    const clients = [dial(port), dial(https?.port() ?? 0), dial(https?.port() ?? 0)];
    await Promise.all(clients.map(async (client) => await once(client, 'connect')));
    clients[2]?.write(preamble);
    const ended = clients.map(async (client) => await new Promise((resolve) => client.once('error', resolve).once('close', resolve)));
    const startedAt = performance.now();
    await Promise.all([listening.close(), https?.close(1_000), ...ended]);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs < 4_000, `before the preamble is late, not after ${tookMs} ms`);
  });

  it('speaks for itself with LOCAL, and nobody else is listened to', async (t) => {
    const { port, route } = await arrange(t, fromHere);
    assert.match(await sendRaw(port, `PROXY UNKNOWN\r\n${request}`), /from 127\.0\.0\.1/);
    route([], { strategy: 'both', proxy_protocol_from: ['192.0.2.0/24'] });
    assert.equal((await ask({ port })).status, 404);
    assert.match(await sendRaw(port, preamble + request), /^HTTP\/1\.1 400/);
  });
});
