import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { createNetworkProbe } from './network-probe.ts';
import { startLocalServer } from './testing/local-server.ts';

const probe = createNetworkProbe();
const local = { address: '127.0.0.1', timeoutMs: 300 };

/** A port that accepts connections and then does what the test says. */
async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  t.after(() => server.close());
  return typeof address === 'object' && address ? address.port : 0;
}

async function closedPort(t: TestContext): Promise<number> {
  const server = createServer();
  const port = await listen(t, server);
  server.close();
  await once(server, 'close');
  return port;
}

describe('asking over HTTP', () => {
  for (const { status, ok } of [
    { status: 200, ok: true },
    { status: 204, ok: true },
    { status: 301, ok: true },
    { status: 399, ok: true },
    { status: 400, ok: false },
    { status: 404, ok: false },
    { status: 503, ok: false },
  ]) {
    it(`${status} is ${ok ? 'fit' : 'not fit'}, and the message says what came`, async (t) => {
      const { port, close } = await startLocalServer((_request, response) => void response.writeHead(status).end());
      t.after(close);
      assert.deepEqual(await probe.http({ ...local, port, path: '/ready?deep=1' }), {
        ok,
        message: `GET http://127.0.0.1:${port}/ready?deep=1 answered ${status}`,
      });
    });
  }

  it('uses a new connection each time and asks for no more', async (t) => {
    const sockets = new Set<unknown>();
    const connections: (string | undefined)[] = [];
    const { port, close } = await startLocalServer((request, response) => {
      sockets.add(request.socket);
      connections.push(request.headers.connection);
      response.end('ok');
    });
    t.after(close);
    for (const _ of [1, 2]) await probe.http({ ...local, port, path: '/' });
    assert.equal(sockets.size, 2);
    assert.deepEqual(connections, ['close', 'close']);
  });

  it('does not wait for a body that never ends', async (t) => {
    const { port, close } = await startLocalServer((_request, response) => void response.writeHead(200).write('data: 1\n\n'));
    t.after(close);
    assert.equal((await probe.http({ ...local, timeoutMs: 10_000, port, path: '/' })).ok, true);
  });

  it('gives up on headers that never come, and on headers that never end', async (t) => {
    const silent = await listen(
      t,
      createServer((socket) => void socket.on('error', () => socket.destroy())),
    );
    const slow = await listen(
      t,
      createServer((socket) => {
        const drip = setInterval(() => socket.write('x-more: y\r\n'), 20);
        socket.on('error', () => socket.destroy()).on('close', () => clearInterval(drip));
        socket.write('HTTP/1.1 200 OK\r\n');
      }),
    );
    for (const port of [silent, slow]) {
      assert.deepEqual(await probe.http({ ...local, port, path: '/' }), {
        ok: false,
        message: `GET http://127.0.0.1:${port}/ had no answer within 300 ms`,
      });
    }
  });

  it('names a refused, a reset and a senseless connection', async (t) => {
    const refused = await closedPort(t);
    assert.deepEqual(await probe.http({ ...local, port: refused, path: '/' }), {
      ok: false,
      message: `connection refused by 127.0.0.1:${refused}`,
    });
    const reset = await listen(
      t,
      createServer((socket) => void socket.resetAndDestroy()),
    );
    assert.deepEqual(await probe.http({ ...local, port: reset, path: '/' }), {
      ok: false,
      message: `connection reset by 127.0.0.1:${reset}`,
    });
    const senseless = await listen(
      t,
      createServer((socket) => void socket.end('SSH-2.0-x\r\n\r\n')),
    );
    const answer = await probe.http({ ...local, port: senseless, path: '/' });
    assert.equal(answer.ok, false);
    assert.match(answer.message, /^GET http:\/\/127\.0\.0\.1:\d+\/ failed: /);
  });
});

describe('asking over TCP', () => {
  it('an accepted connection is fit', async (t) => {
    const port = await listen(
      t,
      createServer((socket) => void socket.on('error', () => socket.destroy())),
    );
    assert.deepEqual(await probe.tcp({ ...local, port }), { ok: true, message: `127.0.0.1:${port} accepts connections` });
  });

  it('a refused one is not', async (t) => {
    const port = await closedPort(t);
    assert.deepEqual(await probe.tcp({ ...local, port }), { ok: false, message: `connection refused by 127.0.0.1:${port}` });
  });

  it('one that is never accepted is given up', async () => {
    // 192.0.2.0/24 is for documentation (RFC 5737): packets go nowhere, or the machine says so.
    const answer = await probe.tcp({ address: '192.0.2.1', port: 80, timeoutMs: 200 });
    assert.equal(answer.ok, false);
    assert.match(answer.message, /192\.0\.2\.1:80/);
  });
});
