import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from './testing/endpoints.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { connectHttp2, hear, openStream } from './testing/http2-client.ts';
import { startDataPlane } from './testing/start-data-plane.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { echoWebSocket } from './testing/websocket-echo.ts';

/** A client that asks for a WebSocket by HTTP/2, and what the target did with it. */
async function arrange(t: TestContext, onUpgrade: (request: IncomingMessage, socket: Duplex) => void, path = '/chat') {
  const asked: IncomingMessage[] = [];
  const sockets: Duplex[] = [];
  const upstream = await startHttpUpstream((_request, response) => response.writeHead(403, { 'x-why': 'no upgrade' }).end('no'));
  upstream.server.on('upgrade', (request, socket) => {
    asked.push(request);
    sockets.push(socket);
    onUpgrade(request, socket);
  });
  const plane = await startDataPlane({
    KEDGE_HTTPS_PORT: '0',
    KEDGE_CERTIFICATES: 'self-signed',
    KEDGE_STATE_DIR: await temporaryFolder(),
  });
  t.after(async () => {
    await plane.close();
    for (const socket of sockets) socket.destroy();
    await upstream.close();
  });
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])], { strategy: 'both' });
  const session = await connectHttp2(t, plane.https?.port() ?? 0);
  await waitUntil(() => session.remoteSettings.enableConnectProtocol === true);
  const head = [':method', 'CONNECT', ':protocol', 'websocket', ':scheme', 'https', ':path', path, ':authority', 'web.test'];
  const ask = (more: readonly string[] = []) =>
    openStream(session, { fields: [...head, 'sec-websocket-version', '13', ...more], body: '' });
  return { plane, session, asked, sockets, ask };
}

/** A text of at most 125 bytes as a client sends it (RFC 6455 §5.2); a mask of zeros changes nothing. */
function masked(text: string, first = 0x81): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

describe('a WebSocket by HTTP/2', () => {
  it('is opened at a target as HTTP/1.1 does it, and carries frames both ways until it is closed', async (t) => {
    const { plane, ask, asked } = await arrange(t, echoWebSocket);
    const stream = ask(['origin', 'https://web.test', 'sec-websocket-protocol', 'chat']);
    let heard = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk]);
    });
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    const status = await new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status'])));
    assert.equal(status, 200);
    stream.write(masked('hello'));
    await waitUntil(() => heard.toString('latin1').includes('hello'));
    assert.equal(await plane.underWay(), 1);
    stream.write(masked('', 0x88));
    await waitUntil(() => heard.includes(0x88));
    stream.end();
    await closed;
    await waitUntil(async () => (await plane.underWay()) === 0);
    const { method, url, headers } = asked[0] ?? assert.fail('nobody asked');
    assert.deepEqual(
      [method, url, headers.host, headers.upgrade, headers.connection],
      ['GET', '/chat', 'web.test', 'websocket', 'Upgrade'],
    );
    assert.deepEqual(
      [headers.origin, headers['sec-websocket-protocol'], headers['x-forwarded-proto']],
      ['https://web.test', 'chat', 'https'],
    );
    assert.equal(Buffer.from(headers['sec-websocket-key'] ?? '', 'base64').length, 16);
  });

  it('moves much both ways as fast as the other side takes it', async (t) => {
    const bytes = 4 * 1_048_576;
    const { ask } = await arrange(t, (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      socket.pipe(socket);
    });
    const stream = ask();
    let seen = 0;
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.length;
    });
    stream.write(Buffer.alloc(bytes, 'w'));
    await waitUntil(() => seen === bytes);
    stream.close(constants.NGHTTP2_CANCEL);
  });

  it('is refused as the target refuses it', async (t) => {
    const { ask } = await arrange(t, (_request, socket) =>
      socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nX-Why: nobody\r\nConnection: close\r\n\r\nno'),
    );
    const answer = await hear(ask());
    assert.deepEqual([answer.status, answer.body], [401, 'no']);
    assert.ok(answer.fields.join().includes('x-why,nobody'));
  });

  it('is refused by the proxy where there is no route', async (t) => {
    const { session } = await arrange(t, echoWebSocket);
    const fields = [':method', 'CONNECT', ':protocol', 'websocket', ':scheme', 'https', ':path', '/', ':authority', 'other.test'];
    assert.equal((await hear(openStream(session, { fields, body: '' }))).status, 404);
    const unknown = fields.with(3, 'connect-udp').with(9, 'web.test');
    assert.equal((await hear(openStream(session, { fields: unknown, body: '' }))).status, 501);
  });

  it('ends at the target when the client leaves', async (t) => {
    const { plane, ask, sockets } = await arrange(t, echoWebSocket);
    const stream = ask();
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('response', resolve));
    stream.close(constants.NGHTTP2_CANCEL);
    await waitUntil(() => sockets[0]?.destroyed);
    await waitUntil(async () => (await plane.underWay()) === 0);
  });

  it('ends for the client when the target is gone', async (t) => {
    const { plane, ask, sockets } = await arrange(t, echoWebSocket);
    const stream = ask();
    stream.on('error', () => undefined);
    stream.on('end', () => stream.end());
    stream.resume();
    await new Promise((resolve) => stream.once('response', resolve));
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    sockets[0]?.destroy();
    await closed;
    await waitUntil(async () => (await plane.underWay()) === 0);
  });
});
