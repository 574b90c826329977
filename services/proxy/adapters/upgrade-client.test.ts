import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import type { UpgradeOutcome } from '../ports.ts';
import { targetAt } from '../testing/exchange.ts';
import { deadPort } from '../testing/http-upstream.ts';
import { startRawUpstream } from '../testing/raw-http.ts';
import { createUpgradeClient } from './upgrade-client.ts';

/** A client that asked for an upgrade, which is joined with an upstream on this port. */
async function join(t: TestContext, port: number, early = '') {
  const { promise: outcome, resolve } = Promise.withResolvers<UpgradeOutcome>();
  const answers: number[] = [];
  const onAnswer = (status: number) => void answers.push(status);
  const upgrades = createUpgradeClient({ connectTimeoutMs: 1_000, log: silentLog() });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const headers = ['Host', 'web.test', 'Connection', 'Upgrade', 'Upgrade', 'websocket', 'X-Two', 'a', 'X-Two', 'b'];
    void upgrades
      .join({ target: targetAt(port), scheme: 'http', request, socket, head, headers, editAnswer: null, onAnswer })
      .then(resolve);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const client = connect({ port: typeof address === 'object' && address ? address.port : 0, host: '127.0.0.1' });
  let received = '';
  client.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  client.on('error', () => client.destroy());
  client.write(`GET /chat HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${early}`);
  t.after(() => {
    client.destroy();
    server.close();
  });
  return { client, outcome: await outcome, received: () => received, answers };
}

async function upstream(t: TestContext) {
  const sockets: Socket[] = [];
  const raw = await startRawUpstream((socket) => {
    sockets.push(socket);
    socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'));
  });
  t.after(async () => await raw.close());
  return { ...raw, socket: async () => await waitUntil(() => sockets[0]) };
}

describe('joining a client with a target', () => {
  it('passes the request on with the headers that it was given, and what came behind it', async (t) => {
    const raw = await upstream(t);
    const { outcome, received } = await join(t, raw.port, 'early');
    assert.equal(outcome.kind, 'joined');
    await waitUntil(() => raw.received().endsWith('early') && received().includes('101'));
    assert.match(raw.received(), /^GET \/chat HTTP\/1\.1\r\n/);
    assert.equal(raw.received().match(/x-two: [ab]\r\n/gi)?.length, 2);
  });

  it('carries bytes both ways until one side ends, and ends the other then', async (t) => {
    const raw = await upstream(t);
    const { client, received } = await join(t, raw.port);
    await waitUntil(() => received().includes('101'));
    client.write('ping');
    await waitUntil(() => raw.received().endsWith('ping'));
    const socket = await raw.socket();
    socket.end('pong');
    await waitUntil(() => client.closed);
    assert.match(received(), /pong$/);
  });

  it('leaves the target when the client goes', async (t) => {
    const raw = await upstream(t);
    const { client, received } = await join(t, raw.port);
    await waitUntil(() => received().includes('101'));
    const socket = await raw.socket();
    client.destroy();
    await waitUntil(() => socket.closed);
  });

  it('leaves a target that has not answered yet, when the client goes', async (t) => {
    const sockets: Socket[] = [];
    const raw = await startRawUpstream((socket) => void sockets.push(socket));
    t.after(async () => await raw.close());
    const { client } = await join(t, raw.port);
    const socket = await waitUntil(() => raw.received() !== '' && sockets[0]);
    client.destroy();
    await waitUntil(() => socket.closed);
  });

  const answered: readonly (readonly [what: string, bytes: string, status: number])[] = [
    ['101', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', 101],
    ['what the target answers instead', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', 403],
    ['what the target answers instead, after an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 302 Found\r\n\r\n', 302],
    ['502 when the target closes without an answer', '', 502],
    ['502 when it is no answer', 'SSH-2.0-OpenSSH\r\n\r\n', 502],
  ];
  for (const [what, bytes, status] of answered) {
    it(`tells ${what}`, async (t) => {
      const raw = await startRawUpstream((socket) => void socket.once('data', () => socket.end(bytes)));
      t.after(async () => await raw.close());
      const { client, answers } = await join(t, raw.port);
      await waitUntil(() => client.closed);
      assert.equal(answers[0], status);
    });
  }

  it('leaves the client untouched where nobody can be connected to', async (t) => {
    const { client, outcome, received } = await join(t, await deadPort());
    assert.deepEqual(outcome, { kind: 'unreachable', reason: 'ECONNREFUSED' });
    assert.deepEqual([client.closed, received()], [false, '']);
  });
});
