import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import type { ProxySettings } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { WebSocket } from 'ws';
import { endpoints } from '../testing/endpoints.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { startWebSockets } from '../testing/websocket-server.ts';

/** A real client and a real server with the proxy between them. */
async function arrange(
  t: TestContext,
  onOpen: (socket: WebSocket) => void,
  { environment = {}, settings }: { readonly environment?: Readonly<Record<string, string>>; readonly settings?: ProxySettings } = {},
) {
  const server = await startWebSockets(t, onOpen);
  const plane = await startDataPlane(environment);
  t.after(async () => await plane.close());
  const targets = [{ id: 'c1', port: server.port }];
  plane.route([endpoints('web', targets)], settings);
  const open = async (by: 'ws' | 'wss' = 'ws') => {
    const port = by === 'ws' ? plane.port : plane.https?.port();
    const headers = { Host: 'web.test' };
    const client = new WebSocket(`${by}://127.0.0.1:${port}/`, { headers, perMessageDeflate: true, rejectUnauthorized: false });
    const heard: string[] = [];
    client.on('message', (data) => heard.push(String(data)));
    client.on('error', () => undefined);
    const closed = new Promise<number>((resolve) => client.once('close', resolve));
    await once(client, 'open');
    return { client, heard, closed };
  };
  const leave = () => plane.route([endpoints('web', [{ id: 'c2', port: server.port }])]);
  const drain = () => plane.route([endpoints('web', [{ id: 'c1', port: server.port, state: 'draining' }])]);
  return { plane, server, open, leave, drain };
}

async function withBothDoors() {
  const environment = { KEDGE_HTTPS_PORT: '0', KEDGE_CERTIFICATES: 'self-signed', KEDGE_STATE_DIR: await temporaryFolder() };
  return { environment, settings: { strategy: 'both' } } as const;
}

const echo = (socket: WebSocket) => socket.on('message', (data) => socket.send(String(data)));

describe('a WebSocket whose target goes away', () => {
  it('stays while the target finishes what it has, and is told 1001 when that is gone from the table', async (t) => {
    const { plane, open, drain, leave } = await arrange(t, echo);
    const { client, heard, closed } = await open();
    client.send('one');
    await waitUntil(() => heard.length === 1);
    drain();
    client.send('two');
    await waitUntil(() => heard.length === 2);
    leave();
    assert.equal(await closed, 1001);
    assert.deepEqual(heard, ['one', 'two']);
    await waitUntil(async () => (await plane.underWay()) === 0);
  });

  it('is told so by the proxy where the target breaks off without a word', async (t) => {
    const { server, open } = await arrange(t, echo);
    const { closed } = await open();
    for (const socket of server.sockets) socket.destroy();
    assert.equal(await closed, 1001);
  });

  it('is told between two messages, however long they are: none is cut', async (t) => {
    const length = 300_000;
    const { open, leave } = await arrange(t, (socket) => {
      const say = () => socket.send(Buffer.alloc(length, 'm'), { compress: false }, (error) => (error ? undefined : say()));
      say();
    });
    const clients = await Promise.all(Array.from({ length: 5 }, async () => await open()));
    await waitUntil(() => clients.every(({ heard }) => heard.length > 3));
    leave();
    for (const { heard, closed } of clients) {
      assert.equal(await closed, 1001);
      assert.ok(heard.every((message) => message.length === length));
    }
  });

  it('keeps the words of a target that ends it itself', async (t) => {
    const { open } = await arrange(t, (socket) => socket.close(4_001, 'bye'));
    const { closed } = await open();
    assert.equal(await closed, 4_001);
  });

  it('is told before the proxy ends, in the second half of its time', async (t) => {
    const { plane, open } = await arrange(t, echo);
    const clients = await Promise.all(Array.from({ length: 5 }, async () => await open()));
    const startedAt = performance.now();
    const closing = plane.listening.close();
    assert.deepEqual(await Promise.all(clients.map(async ({ closed }) => await closed)), Array(5).fill(1001));
    const tookMs = performance.now() - startedAt;
    await closing;
    assert.ok(tookMs > 400, `${tookMs} ms`);
  });

  for (const by of ['ws', 'wss'] as const) {
    it(`is told then, whatever other door there is (${by})`, async (t) => {
      const { plane, open } = await arrange(t, echo, await withBothDoors());
      const { closed } = await open(by);
      const closing = plane.listening.close();
      assert.equal(await closed, 1001);
      await closing;
    });
  }

  it('stays when only the other door closes', async (t) => {
    const { plane, server, open } = await arrange(t, echo, await withBothDoors());
    const { client, heard } = await open('ws');
    plane.route([endpoints('web', [{ id: 'c1', port: server.port }])], { strategy: 'http-only' });
    await waitUntil(() => plane.https?.port() === null);
    client.send('still here');
    await waitUntil(() => heard.length === 1);
  });
});
