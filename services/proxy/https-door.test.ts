import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { ProxySettings } from '@kedge/shared/contracts';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { buildRouteTable } from './core/route-table.ts';
import { createHttpsDoor, openTogether } from './https-door.ts';
import { type Door, keepListening } from './keep-listening.ts';
import { createRoutes } from './routes.ts';
import { endpoints, knownEndpoints } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { askHttps, connectTls } from './testing/https-client.ts';
import { startDataPlane, type TestDataPlane } from './testing/start-data-plane.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { echoWebSocket } from './testing/websocket-echo.ts';
import { createUnderWay } from './under-way.ts';

/** A door of paper behind the plain one; what happens to both is noted. */
function arrange({ refusals = 0 } = {}) {
  const routes = createRoutes();
  const happened: string[] = [];
  const states: (boolean | string)[] = [];
  let left = refusals;
  const paper = (name: string, port: number): Door => ({
    port,
    sockets: 1,
    close: async (drainMs) => {
      happened.push(`${name} closed within ${drainMs}`);
      return 1;
    },
  });
  const https = createHttpsDoor({
    routes,
    openDoor: async () => {
      left -= 1;
      if (left >= 0) throw new Error('EADDRINUSE');
      happened.push('https opened');
      return paper('https', 8443);
    },
    drainMs: 500,
    log: silentLog(),
    ready: (state) => void states.push(state),
  });
  const set = (settings: ProxySettings) => routes.replace(buildRouteTable(knownEndpoints([], settings)));
  const open = async () => await openTogether(async () => paper('plain', 80), [https]);
  const listening = keepListening({
    routes,
    openDoor: open,
    handOver: async () => await Promise.resolve('switched-off'),
    underWay: createUnderWay(),
    drainMs: 500,
    graceMs: 500,
    log: silentLog(),
    ready: () => undefined,
  });
  return { https, listening, happened, states, set, open };
}

describe('the door for HTTPS', () => {
  it('opens and closes with the plain one', async () => {
    const { open, happened, states, https } = arrange();
    const both = await open();
    assert.deepEqual([both.port, https.port(), states.at(-1)], [80, 8443, true]);
    assert.equal(await both.close(100), 2);
    assert.deepEqual(happened, ['https opened', 'plain closed within 100', 'https closed within 100']);
    assert.deepEqual([https.port(), https.lastPort()], [null, 8443], 'who is still answered is sent there all the same');
    await (await open()).close(100);
    assert.equal(happened.length, 6, 'and again');
  });

  it('is closed where the settings want plain HTTP alone', async (t) => {
    const { open, happened, states, set } = arrange();
    set({ strategy: 'http-only' });
    const both = await open();
    t.after(async () => await both.close(0));
    assert.deepEqual([happened, states.at(-1)], [[], true], 'closed as it is meant to be is ready too');
    set({ strategy: 'both' });
    await waitUntil(() => happened.at(-1) === 'https opened');
    set({ strategy: 'http-only' });
    await waitUntil(() => happened.at(-1) === 'https closed within 500');
  });

  it('keeps nobody from plain HTTP while it cannot open, says why, and tries again', async (t) => {
    const { open, https, states } = arrange({ refusals: 2 });
    const both = await open();
    t.after(async () => await both.close(0));
    assert.deepEqual([both.port, https.port()], [80, null]);
    assert.equal(states[0], 'the listener for HTTPS cannot be opened: EADDRINUSE');
    await waitUntil(() => https.port() === 8443);
    assert.equal(states.at(-1), true);
  });

  it('is ready although it is closed, where the settings close all doors; with them it opens again', async (t) => {
    const { listening, https, happened, states, set } = arrange();
    t.after(async () => await listening.close());
    set({ enabled: false });
    await listening.start();
    assert.deepEqual([listening.port(), https.port(), happened, states.at(-1)], [null, null, [], true]);
    set({ enabled: true });
    await waitUntil(() => listening.port() === 80 && https.port() === 8443);
    set({ enabled: false });
    await waitUntil(() => happened.at(-1) === 'https closed within 500');
    assert.deepEqual([listening.port(), https.port(), states.at(-1)], [null, null, true]);
  });

  it('is ready when all doors are closed while it could not open', async (t) => {
    const { listening, states, set } = arrange({ refusals: 10_000 });
    t.after(async () => await listening.close());
    await listening.start();
    assert.equal(states.at(-1), 'the listener for HTTPS cannot be opened: EADDRINUSE');
    set({ enabled: false });
    await waitUntil(() => listening.port() === null);
    assert.equal(states.at(-1), true);
  });
});

async function withHttps(
  t: TestContext,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ plane: TestDataPlane; port: number; https: number }> {
  const upstream = await startHttpUpstream((request, response) => {
    if (request.url === '/broken') {
      response.write('half');
      setImmediate(() => response.destroy());
    } else if (request.url !== '/stuck') response.end(`${request.headers['x-forwarded-proto']} ${request.headers['x-forwarded-for']}`);
  });
  upstream.server.on('upgrade', echoWebSocket);
  const plane = await startDataPlane({
    KEDGE_HTTPS_PORT: '0',
    KEDGE_CERTIFICATES: 'self-signed',
    KEDGE_STATE_DIR: await temporaryFolder(),
    ...environment,
  });
  t.after(async () => {
    await plane.close();
    await upstream.close();
  });
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])], { strategy: 'https-only' });
  return { plane, port: plane.port, https: plane.https?.port() ?? 0 };
}

const upgrade = 'GET /chat HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n';

describe('HTTPS', () => {
  it('is served, and the service is told so', async (t) => {
    const { https } = await withHttps(t);
    assert.equal((await askHttps({ port: https })).body, 'https 127.0.0.1');
  });

  it('is where plain HTTP is sent to, by a permanent redirect', async (t) => {
    const { plane, port, https } = await withHttps(t);
    const { status, headers, body } = await ask({ port, host: `Web.test:${port}`, path: '/a?b=c' });
    assert.deepEqual(
      [status, headers.location, headers['content-type'], headers.connection, body],
      [301, `https://Web.test:${https}/a?b=c`, 'text/html', 'close', '<html><body>301 Moved Permanently</body></html>'],
    );
    assert.equal((await ask({ port, host: 'unknown.test' })).status, 301);
    assert.equal(plane.traffic.openOf('c1'), 0);
  });

  it('is served beside plain HTTP where the settings want both', async (t) => {
    const { plane, port, https } = await withHttps(t);
    plane.route([...(plane.routes.current() ? [endpoints('web', [])] : [])], { strategy: 'both' });
    assert.deepEqual([(await ask({ port })).status, (await askHttps({ port: https })).status], [503, 503]);
  });

  it('carries WebSockets, and sends plain ones elsewhere', async (t) => {
    const { port, https } = await withHttps(t);
    const socket = await connectTls(https, 'web.test');
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
    socket.write(upgrade);
    await waitUntil(() => received.includes('101 Switching Protocols'));
    // A masked text frame (RFC 6455 §5.2) with the mask 0.
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    await waitUntil(() => received.endsWith('\x81\x02hi'));
    socket.destroy();

    const plain = connect({ port, host: '127.0.0.1' });
    plain.write(upgrade);
    const [answer] = await once(plain, 'data');
    assert.match(
      String(answer),
      new RegExp(`^HTTP/1\\.1 301 Moved Permanently\\r\\n[^]*\\r\\nLocation: https://web\\.test:${https}/chat\\r\\n`),
    );
    plain.destroy();
  });

  it('ends when an answer breaks off that says nowhere how long it is', async (t) => {
    const { https } = await withHttps(t);
    const socket = await connectTls(https, 'web.test');
    let received = '';
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1');
    });
    socket.write('GET /broken HTTP/1.0\r\nHost: web.test\r\n\r\n');
    await once(socket, 'close');
    assert.match(received, /^HTTP\/1\.1 200 OK\r\n[\s\S]*half$/);
    assert.equal((await askHttps({ port: https })).status, 200);
  });

  it('lets what is under way end when the proxy stops, and waits for nobody who has asked nothing', async (t) => {
    const { plane, port, https } = await withHttps(t, { KEDGE_DRAIN_TIMEOUT: '600s' });
    const idle = await connectTls(https, 'web.test');
    const silent = connect({ port: https, host: '127.0.0.1' });
    await once(silent, 'connect');
    const gone = Promise.all([once(idle, 'close'), once(silent, 'close')]);
    idle.resume();
    silent.resume();
    const [before, closed] = [askHttps({ port: https }), plane.listening.close()];
    assert.equal((await before).body, 'https 127.0.0.1');
    await gone;
    await closed;
    await assert.rejects(ask({ port }), { code: 'ECONNREFUSED' });
    await assert.rejects(askHttps({ port: https }), { code: 'ECONNREFUSED' });
  });

  it('shares its port with another proxy', async (t) => {
    const { https } = await withHttps(t);
    const second = await withHttps(t, { KEDGE_HTTPS_PORT: String(https) });
    assert.deepEqual([second.https, (await askHttps({ port: https })).status], [https, 200]);
  });

  it('is broken off when it takes longer than it may', async (t) => {
    const { plane, https } = await withHttps(t, { KEDGE_DRAIN_TIMEOUT: '100ms' });
    const failed = assert.rejects(askHttps({ port: https, path: '/stuck' }));
    await waitUntil(() => plane.traffic.openOf('c1') === 1);
    await plane.listening.close();
    await failed;
  });
});
