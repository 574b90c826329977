import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from './testing/endpoints.ts';
import { deadPort, startHttpUpstream } from './testing/http-upstream.ts';
import { sendRaw } from './testing/raw-http.ts';
import { startDataPlane, type TestDataPlane } from './testing/start-data-plane.ts';
import { echoWebSocket } from './testing/websocket-echo.ts';

const upgrade = 'GET /chat HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** Speaks WebSocket; ends with the test. */
async function startEcho(t: TestContext, port?: number): Promise<number> {
  const upstream = await startHttpUpstream((_request, response) => response.end(), port);
  upstream.server.on('upgrade', echoWebSocket);
  t.after(() => upstream.close());
  return upstream.port;
}

/** A client that asks for an upgrade and keeps what it is told. */
function askForUpgrade(t: TestContext, port: number): { readonly socket: Socket; readonly received: () => string } {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => socket.destroy());
  socket.write(upgrade);
  t.after(() => socket.destroy());
  return { socket, received: () => received };
}

describe('an upgrade that is paused', () => {
  it('waits no longer than in a hold where its client spoke already, and could leave unnoticed', async (t) => {
    const plane = await startDataPlane({ KEDGE_HOLD_TIMEOUT: '0s' });
    t.after(() => plane.close());
    const rules = { pause: { timeout_ms: 60_000, limit: 5 } };
    plane.route([endpoints('web', [{ id: 'c1', port: await startEcho(t) }], { rules })]);
    const silent = askForUpgrade(t, plane.port);
    assert.match(await sendRaw(plane.port, `${upgrade}early`), /^HTTP\/1\.1 503 /);
    plane.route([endpoints('web', [{ id: 'c1', port: await startEcho(t) }])]);
    await waitUntil(() => silent.received().startsWith('HTTP/1.1 101 '));
  });
});

describe('an upgrade whose only target cannot be connected to', () => {
  /** Nobody listens there, and the upgrade has found that out. */
  async function waitingUpgrade(t: TestContext, environment: Readonly<Record<string, string>> = {}) {
    const plane = await startDataPlane({ KEDGE_CONNECT_RETRY: '30s', KEDGE_DRAIN_TIMEOUT: '100ms', ...environment });
    t.after(() => plane.close());
    const port = await deadPort();
    plane.route([endpoints('web', [{ id: 'c1', port }])]);
    const client = askForUpgrade(t, plane.port);
    await isWaiting(plane);
    return { plane, port, client };
  }

  async function isWaiting(plane: TestDataPlane): Promise<void> {
    await waitUntil(async () => (await plane.underWay()) === 1 && plane.traffic.openOf('c1') === 0);
  }

  it('is joined when the target comes back at its address, and counts once', async (t) => {
    const { plane, port, client } = await waitingUpgrade(t);
    await startEcho(t, port);
    await waitUntil(() => client.received().startsWith('HTTP/1.1 101 '));
    assert.equal(plane.traffic.openOf('c1'), 1);
    client.socket.destroy();
    await waitUntil(async () => (await plane.underWay()) === 0);
    assert.equal(plane.traffic.openOf('c1'), 0);
    assert.match(await plane.metrics.metrics(), /kedge_requests_total\{service="web",code="1xx"\} 1\n/);
  });

  it('is joined with the target that takes its place', async (t) => {
    const { plane, client } = await waitingUpgrade(t);
    plane.route([endpoints('web', [])]);
    plane.route([endpoints('web', [{ id: 'c2', port: await startEcho(t) }])]);
    await waitUntil(() => client.received().startsWith('HTTP/1.1 101 '));
    assert.equal(plane.traffic.openOf('c2'), 1);
  });

  it('gets 502 when nobody comes back in time, and counts as that', async (t) => {
    const plane = await startDataPlane({ KEDGE_CONNECT_RETRY: '300ms' });
    t.after(() => plane.close());
    plane.route([endpoints('web', [{ id: 'c1', port: await deadPort() }])]);
    assert.match(await sendRaw(plane.port, upgrade), /^HTTP\/1\.1 502 /);
    const metrics = await plane.metrics.metrics();
    assert.match(metrics, /kedge_requests_total\{service="web",code="5xx"\} 1\n/);
    assert.doesNotMatch(metrics, /code="1xx"/);
  });

  it('gets 502 at once when enough of them wait already', async (t) => {
    const { plane } = await waitingUpgrade(t, { KEDGE_HOLD_LIMIT: '1' });
    assert.match(await sendRaw(plane.port, upgrade), /^HTTP\/1\.1 502 /);
  });

  const departures: readonly (readonly [how: string, leave: (client: Socket) => void])[] = [
    ['ends', (client) => client.end()],
    ['resets', (client) => client.resetAndDestroy()],
  ];
  for (const [how, leave] of departures) {
    it(`leaves its place to others when its client ${how}`, async (t) => {
      const { plane, client } = await waitingUpgrade(t, { KEDGE_HOLD_LIMIT: '1' });
      plane.route([endpoints('web', [], { hold: true })]);
      leave(client.socket);
      await waitUntil(async () => (await plane.underWay()) === 0);
      const next = askForUpgrade(t, plane.port);
      await isWaiting(plane);
      plane.route([endpoints('web', [{ id: 'c2', port: await startEcho(t) }])]);
      await waitUntil(() => next.received().startsWith('HTTP/1.1 101 '));
    });
  }

  it('does not keep the proxy from stopping', async (t) => {
    const { plane, client } = await waitingUpgrade(t, { KEDGE_DRAIN_TIMEOUT: '100ms', KEDGE_CONNECT_RETRY: '10m' });
    const closed = once(client.socket, 'close');
    await plane.listening.close();
    await closed;
  });
});
