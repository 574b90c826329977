import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { connect as overTls } from 'node:tls';
import type { ProxySettings } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream } from '../testing/arrange.ts';
import { endpoints } from '../testing/endpoints.ts';
import { open } from '../testing/http-client.ts';
import { connectTls } from '../testing/https-client.ts';
import type { TestDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { echoWebSocket } from '../testing/websocket-echo.ts';

/** More than all buffers on the way hold. */
const muchBytes = 64 * 1_024 * 1_024;
const quick = { KEDGE_DOWNLOAD_IDLE: '200ms' };

/** A target of the services `web` and `idle` that says much to whoever asks for `/much`, and little, now and then, to others. */
async function withMuch(
  t: TestContext,
  environment: Readonly<Record<string, string>>,
  settings: ProxySettings = {},
): Promise<TestDataPlane> {
  const chunk = Buffer.alloc(65_536);
  const { plane, upstream } = await withHttpUpstream(
    t,
    (request, response) => {
      let left = muchBytes;
      const pour = () => {
        while (left > 0 && response.write(chunk)) left -= chunk.length;
        if (left <= 0) response.end();
      };
      if (request.url !== '/much') return void response.write('data: 1\n\n');
      response.setHeader('Content-Length', muchBytes);
      response.on('drain', pour);
      pour();
    },
    environment,
  );
  const { port } = upstream;
  plane.route([endpoints('web', [{ id: 'c1', port }]), endpoints('idle', [{ id: 'c2', port }])], { strategy: 'both', ...settings });
  upstream.server.on('upgrade', echoWebSocket);
  return plane;
}

function ask(t: TestContext, socket: Socket, text: string): Socket {
  t.after(() => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.pause();
  socket.write(text);
  return socket;
}

/** Reads little and often, far less in the whole time than the kernel takes over at once. Counts what it read. */
function readSlowly(t: TestContext, socket: Socket): { readBytes: number } {
  const reader = { readBytes: 0 };
  let left = 0;
  ask(t, socket, much).on('data', (piece: Buffer) => {
    reader.readBytes += piece.length;
    left -= piece.length;
    if (left <= 0) socket.pause();
  });
  const timer = setInterval(() => {
    left = 65_536;
    socket.resume();
  }, 40);
  t.after(() => clearInterval(timer));
  return reader;
}

const much = 'GET /much HTTP/1.1\r\nHost: web.test\r\n\r\n';

describe('a client that takes nothing of its answer', () => {
  it('loses its connection, and its target has no open request any more', async (t) => {
    const plane = await withMuch(t, quick);
    const client = ask(t, connect({ port: plane.port, host: '127.0.0.1' }), much);
    await waitUntil(() => plane.traffic.openOf('c1') === 1);
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
    let reset = '';
    client.on('error', (error: NodeJS.ErrnoException) => {
      reset = error.code ?? '';
    });
    client.resume();
    await waitUntil(() => client.closed);
    assert.equal(reset, 'ECONNRESET', 'what it reads later is no whole answer');
    assert.match(await plane.metrics.metrics(), /kedge_requests_total\{service="web",code="aborted"\} 1\n/);
  });

  it('loses its connection by TLS too', async (t) => {
    const state = await temporaryFolder();
    const plane = await withMuch(t, { ...quick, KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: state });
    ask(t, await connectTls(plane.https?.port() ?? 0, 'web.test'), much);
    await waitUntil(() => plane.traffic.openOf('c1') === 1);
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
  });

  it('loses its connection also when another proxy told who it is, by TLS too', async (t) => {
    const state = await temporaryFolder();
    const plane = await withMuch(
      t,
      { ...quick, KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: state },
      { proxy_protocol_from: ['127.0.0.0/8'] },
    );
    const told = (port: number) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.write('PROXY TCP4 192.0.2.7 198.51.100.1 4711 80\r\n');
      return socket;
    };
    ask(t, told(plane.port), much);
    ask(t, overTls({ socket: told(plane.https?.port() ?? 0), servername: 'web.test', rejectUnauthorized: false }), much);
    await waitUntil(() => plane.traffic.openOf('c1') === 2);
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
  });

  it('is waited for where that is switched off, until it reads or goes', async (t) => {
    const plane = await withMuch(t, { KEDGE_DOWNLOAD_IDLE: '0s' });
    const strict = await withMuch(t, quick);
    const client = ask(t, connect({ port: plane.port, host: '127.0.0.1' }), much);
    await waitUntil(() => plane.traffic.openOf('c1') === 1);
    // As long as it takes to give up one elsewhere.
    ask(t, connect({ port: strict.port, host: '127.0.0.1' }), much);
    await waitUntil(() => strict.traffic.openOf('c1') === 1);
    await waitUntil(() => strict.traffic.openOf('c1') === 0);
    assert.equal(plane.traffic.openOf('c1'), 1);
    client.resume();
    await waitUntil(() => client.bytesRead > muchBytes);
  });
});

describe('a client that takes what there is', () => {
  it('keeps its connection, however long nothing comes, and so does a WebSocket', async (t) => {
    const plane = await withMuch(t, quick);
    const events = await open({ port: plane.port, path: '/events' });
    t.after(() => events.destroy());
    events.resume();
    const chat = ask(
      t,
      connect({ port: plane.port, host: '127.0.0.1' }),
      'GET /chat HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\n\r\n',
    );
    await waitUntil(() => plane.traffic.openOf('c1') === 2);
    // As long as it takes to give up one that came later.
    ask(t, connect({ port: plane.port, host: '127.0.0.1' }), much);
    await waitUntil(() => plane.traffic.openOf('c1') === 3);
    await waitUntil(() => plane.traffic.openOf('c1') === 2);
    assert.deepEqual([events.socket.destroyed, chat.destroyed], [false, false]);
  });

  it('keeps its connection, however slowly it reads, by TLS too', async (t) => {
    const state = await temporaryFolder();
    const https = { KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: state };
    const plane = await withMuch(t, { KEDGE_DOWNLOAD_IDLE: '400ms', ...https });
    const plain = readSlowly(t, connect({ port: plane.port, host: '127.0.0.1' }));
    const byTls = readSlowly(t, await connectTls(plane.https?.port() ?? 0, 'web.test'));
    await waitUntil(() => plane.traffic.openOf('c1') === 2);
    // Several times as long as it takes to give up one that takes nothing.
    for (let round = 0; round < 3; round += 1) {
      ask(t, connect({ port: plane.port, host: '127.0.0.1' }), much.replace('web', 'idle'));
      await waitUntil(() => plane.traffic.openOf('c2') === 1);
      await waitUntil(() => plane.traffic.openOf('c2') === 0);
    }
    assert.equal(plane.traffic.openOf('c1'), 2);
    const [first, second] = [plain.readBytes, byTls.readBytes];
    await waitUntil(() => plain.readBytes > first && byTls.readBytes > second);
    assert.ok(plain.readBytes < muchBytes && byTls.readBytes < muchBytes, 'both have more to read');
  });

  it('gets all of it, in however many pieces it takes it', async (t) => {
    const plane = await withMuch(t, { KEDGE_DOWNLOAD_IDLE: '2s' });
    const answer = await open({ port: plane.port, path: '/much' });
    let received = 0;
    for await (const piece of answer) received += piece.length;
    assert.equal(received, muchBytes);
  });
});
