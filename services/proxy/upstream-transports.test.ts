import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import { makeSelfSigned } from './adapters/make-self-signed.ts';
import { planSelfSigned } from './core/self-signed.ts';
import { endpoints } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { startDataPlane } from './testing/start-data-plane.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

interface Secure {
  readonly server: Server;
  readonly port: number;
  /** Whether each connection went on with a session that was there before, and the name that it asked for. */
  readonly connections: { readonly reused: boolean; readonly name: string }[];
}

async function startSecure(t: TestContext): Promise<Secure> {
  const { certificate, privateKey } = await makeSelfSigned(planSelfSigned('web.test', new Date()));
  const connections: { reused: boolean; name: string }[] = [];
  const server = createServer({ cert: certificate, key: privateKey.reveal() }, (request, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    request.on('end', () => response.end(`${request.method} ${length} ${request.headers['x-forwarded-proto']}`));
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    connections.push({ reused: socket.isSessionReused(), name: String(socket.servername) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { server, connections, port: typeof address === 'object' && address ? address.port : 0 };
}

async function arrange(t: TestContext, scheme: string, port: number) {
  const plane = await startDataPlane();
  t.after(async () => await plane.close());
  plane.route([endpoints('web', [{ id: 'c1', port }], { rules: { scheme } })]);
  return plane;
}

describe('targets that are spoken to by TLS', () => {
  it('get requests and uploads, on connections that are used again', async (t) => {
    const { port: upstream, connections } = await startSecure(t);
    const { port } = await arrange(t, 'https-unverified', upstream);
    assert.equal((await ask({ port })).body, 'GET 0 http');
    assert.equal((await ask({ port })).body, 'GET 0 http');
    assert.deepEqual(connections, [{ reused: false, name: 'web.test' }]);
    const body = Buffer.alloc(1_048_576, 'x');
    assert.equal((await ask({ port, method: 'POST', body })).body, 'POST 1048576 http');
    assert.deepEqual(connections.at(-1), { reused: true, name: 'web.test' });
  });

  it('are asked for each host on connections of its own', async (t) => {
    const { port: upstream, connections } = await startSecure(t);
    const { port, route } = await arrange(t, 'https-unverified', upstream);
    const routes = ['web.test', 'api.test'].map((host) => ({ host, path: '/' }));
    route([endpoints('web', [{ id: 'c1', port: upstream }], { routes, rules: { scheme: 'https-unverified' } })]);
    for (const host of ['web.test', 'api.test', 'WEB.test', 'api.test']) assert.equal((await ask({ port, host })).status, 200);
    assert.deepEqual(
      connections.map(({ name }) => name),
      ['web.test', 'api.test'],
    );
  });

  it('are refused when nobody vouches for their certificate', async (t) => {
    const { port: upstream, connections } = await startSecure(t);
    const { port } = await arrange(t, 'https', upstream);
    assert.equal((await ask({ port })).status, 502);
    assert.ok(connections.every(({ name }) => name === 'web.test'));
  });

  it('may have WebSockets', async (t) => {
    const { server, port: upstream } = await startSecure(t);
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
    const { port } = await arrange(t, 'https-unverified', upstream);
    const client = new WebSocket(`ws://127.0.0.1:${port}`, { headers: { Host: 'web.test' } });
    await once(client, 'open');
    client.send('hello');
    const [data] = await once(client, 'message');
    assert.equal(String(data), 'echo hello');
    client.close();
    await once(client, 'close');
  });
});

describe('targets that are sockets of the file system', () => {
  it('get requests', async (t) => {
    const path = join(await temporaryFolder(), 'app.sock');
    const server = createPlainServer((_request, response) => response.end('by a socket'));
    server.listen(path);
    await once(server, 'listening');
    t.after(() => server.close());
    const plane = await startDataPlane();
    t.after(async () => await plane.close());
    const [entry = assert.fail()] = [endpoints('web', [{ id: 'c1', port: 1 }])];
    plane.route([{ ...entry, targets: entry.targets.map((target) => ({ ...target, address: `unix:${path}` })) }]);
    assert.equal((await ask({ port: plane.port })).body, 'by a socket');
    server.closeAllConnections();
  });
});
