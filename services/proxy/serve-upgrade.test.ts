import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream, withRawUpstream } from './testing/arrange.ts';
import { endpoints } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { sendRaw } from './testing/raw-http.ts';
import { startDataPlane, type TestDataPlane } from './testing/start-data-plane.ts';
import { echoWebSocket } from './testing/websocket-echo.ts';

const routes = [{ host: '127.0.0.1', path: '/' }];
const upgrade = 'GET /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n';
const refusingPort = 9;

async function echoPlane(t: TestContext): Promise<{ plane: TestDataPlane; port: number }> {
  const { plane, upstream } = await withHttpUpstream(t, (request, response) =>
    response.end(`plain ${request.headers.upgrade ?? 'no upgrade'}`),
  );
  upstream.server.on('upgrade', echoWebSocket);
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { routes })]);
  return { plane, port: upstream.port };
}

async function openWebSocket(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`);
  await once(socket, 'open');
  return socket;
}

async function echo(socket: WebSocket, text: string): Promise<string> {
  socket.send(text);
  const [message] = await once(socket, 'message');
  return message.data;
}

describe('a WebSocket', () => {
  it('is joined with its target and counts as an open request until it ends', async (t) => {
    const { plane } = await echoPlane(t);
    const socket = await openWebSocket(plane.port);
    for (const text of ['one', 'two', 'three']) assert.equal(await echo(socket, text), text);
    assert.equal(plane.traffic.openOf('c1'), 1);
    socket.close();
    await once(socket, 'close');
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
    assert.match(await plane.metrics.metrics(), /kedge_requests_total\{service="web",code="1xx"\} 1\n/);
  });

  it('lives on when its target drains, while new ones go elsewhere', async (t) => {
    const { plane, port } = await echoPlane(t);
    const other = await echoPlane(t);
    const old = await openWebSocket(plane.port);
    plane.route([
      endpoints(
        'web',
        [
          { id: 'c1', port, state: 'draining' },
          { id: 'c2', port: other.port },
        ],
        { routes },
      ),
    ]);
    const fresh = await openWebSocket(plane.port);
    assert.deepEqual([plane.traffic.openOf('c1'), plane.traffic.openOf('c2')], [1, 1]);
    assert.deepEqual([await echo(old, 'old'), await echo(fresh, 'fresh')], ['old', 'fresh']);
    old.close();
    fresh.close();
    await waitUntil(() => plane.traffic.openOf('c1') + plane.traffic.openOf('c2') === 0);
  });

  it('reaches its target with the forwarded headers of this hop only', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')),
    );
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { routes })]);
    const answer = await sendRaw(plane.port, upgrade);
    assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*no$/);
    const received = upstream.received().toLowerCase();
    assert.match(received, /^get \/chat http\/1\.1\r\n/);
    assert.match(received, /\r\nx-forwarded-for: 127\.0\.0\.1\r\n/);
    assert.match(received, /\r\nconnection: upgrade\r\nupgrade: websocket\r\n/);
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
  });

  const refusals: readonly (readonly [how: string, bytes: string, code: string])[] = [
    ['403', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', '4xx'],
    ['a redirect', 'HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n', '3xx'],
    ['nothing', '', '5xx'],
  ];
  for (const [how, bytes, code] of refusals) {
    it(`counts as ${code} when its target answers with ${how}`, async (t) => {
      const { plane, upstream } = await withRawUpstream(t, (socket) => void socket.once('data', () => socket.end(bytes)));
      plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { routes })]);
      await sendRaw(plane.port, upgrade);
      await waitUntil(async () => (await plane.underWay()) === 0);
      const counted = [...(await plane.metrics.metrics()).matchAll(/^kedge_requests_total\{service="web",code="(\w+)"\} [1-9]/gm)];
      assert.deepEqual(
        counted.map(([, counts]) => counts),
        [code],
      );
    });
  }

  it('goes on to another target when one cannot be reached', async (t) => {
    const { plane, port } = await echoPlane(t);
    plane.route([
      endpoints(
        'web',
        [
          { id: 'dead', port: refusingPort },
          { id: 'c1', port },
        ],
        { routes },
      ),
    ]);
    for (let round = 0; round < 2; round += 1) {
      const socket = await openWebSocket(plane.port);
      assert.equal(await echo(socket, 'hello'), 'hello');
      socket.close();
    }
    assert.equal(plane.traffic.openOf('dead'), 0);
  });

  it('gets an answer when there is nobody to join', async (t) => {
    const plane = await startDataPlane({ KEDGE_CONNECT_RETRY: '0s' });
    t.after(() => plane.close());
    plane.route([endpoints('web', [{ id: 'dead', port: refusingPort }], { routes }), endpoints('empty', [])]);
    assert.match(await sendRaw(plane.port, upgrade), /^HTTP\/1\.1 502 /);
    assert.match(await sendRaw(plane.port, upgrade.replace('127.0.0.1', 'empty.test')), /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 2\r\n/);
    assert.match(await sendRaw(plane.port, upgrade.replace('127.0.0.1', 'nobody.test')), /^HTTP\/1\.1 404 /);
    assert.match(await sendRaw(plane.port, upgrade.replace('\r\n\r\n', '\r\nHost: two\r\n\r\n')), /^HTTP\/1\.1 400 /);
  });

  it('gets an answer when the target gives none that is HTTP', async (t) => {
    const { plane } = await withRawUpstream(t, (socket) => socket.once('data', () => socket.end('SSH-2.0-OpenSSH\r\n')));
    assert.match(await sendRaw(plane.port, upgrade.replace('127.0.0.1', 'web.test')), /^HTTP\/1\.1 502 /);
  });

  it('waits while its service is held', async (t) => {
    const { plane, port } = await echoPlane(t);
    plane.route([endpoints('web', [], { routes, hold: true })]);
    const opening = openWebSocket(plane.port);
    plane.route([endpoints('web', [{ id: 'c1', port }], { routes })]);
    const socket = await opening;
    assert.equal(await echo(socket, 'held'), 'held');
    socket.close();
  });

  const ends: readonly (readonly [who: string, end: (client: Socket, upstream: Socket) => void])[] = [
    ['the client resets', (client) => client.resetAndDestroy()],
    ['the client ends', (client) => client.end()],
    ['the upstream resets', (_client, upstream) => upstream.resetAndDestroy()],
    ['the upstream ends', (_client, upstream) => upstream.end()],
  ];
  for (const [who, end] of ends) {
    it(`ends on both sides when ${who}`, async (t) => {
      let theirs: Socket | null = null;
      const { plane, upstream } = await withRawUpstream(t, (socket) => {
        theirs = socket;
        socket.once('data', () =>
          socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello'),
        );
      });
      plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { routes })]);
      const client = connect({ port: plane.port, host: '127.0.0.1' });
      client.on('error', () => client.destroy());
      let received = '';
      client.on('data', (chunk) => {
        received += chunk.toString('latin1');
      });
      client.write(upgrade);
      await waitUntil(() => received.endsWith('hello'));
      assert.ok(theirs);
      end(client, theirs);
      await waitUntil(() => plane.traffic.openOf('c1') === 0 && client.destroyed);
    });
  }

  it('is broken off when the proxy stops', async (t) => {
    const { plane } = await echoPlane(t);
    const socket = await openWebSocket(plane.port);
    const closed = once(socket, 'close');
    await plane.listening.close();
    await closed;
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
  });
});

describe('another upgrade', () => {
  it('is not offered to the upstream: the request stays plain HTTP', async (t) => {
    const { plane } = await echoPlane(t);
    assert.match(
      await sendRaw(
        plane.port,
        'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n',
      ),
      /plain no upgrade$/,
    );
    assert.equal((await ask({ port: plane.port, host: '127.0.0.1' })).body, 'plain no upgrade');
  });
});
