import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream, withRawUpstream } from './testing/arrange.ts';
import { endpoints } from './testing/endpoints.ts';
import { sendRaw, startRawUpstream } from './testing/raw-http.ts';
import { startDataPlane } from './testing/start-data-plane.ts';

describe('requests that nobody needs', () => {
  it('break off a client that pipelines more of them than anyone needs', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, () => undefined);
    assert.equal(await sendRaw(plane.port, 'GET / HTTP/1.1\r\nHost: web.test\r\n\r\n'.repeat(200)), '');
    assert.ok(upstream.connections() <= 1, 'at most the first one was sent on');
  });
});

describe('requests whose body goes wrong', () => {
  it('end the upstream connection, so that it never believes the body complete', async (t) => {
    let closed = false;
    const upstream = await startRawUpstream((socket) => {
      socket.on('close', () => {
        closed = true;
      });
    });
    const plane = await startDataPlane();
    t.after(async () => {
      await plane.close();
      await upstream.close();
    });
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
    const answered = await sendRaw(
      plane.port,
      'POST / HTTP/1.1\r\nHost: web.test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\nrest',
    );
    assert.match(answered, /^HTTP\/1\.1 400 /);
    await waitUntil(() => closed);
    assert.ok(!upstream.received().includes('0\r\n\r\n'));
  });

  it('break off both sides when the client leaves in the middle of an upload', async (t) => {
    let closed = false;
    const upstream = await startRawUpstream((socket) => socket.on('close', () => (closed = true)));
    const plane = await startDataPlane();
    t.after(async () => {
      await plane.close();
      await upstream.close();
    });
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
    const client = connect({ port: plane.port, host: '127.0.0.1' });
    client.write('POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: 100\r\n\r\npart');
    await waitUntil(() => upstream.received().endsWith('part'));
    assert.equal(plane.traffic.openOf('c1'), 1);
    client.destroy();
    await waitUntil(() => closed);
    assert.equal(plane.traffic.openOf('c1'), 0);
  });
});

describe('pipelined requests', () => {
  it('are sent on one after another and answered in their order', async (t) => {
    const seen: string[] = [];
    let answering = 0;
    const upstream = await startRawUpstream((socket) =>
      socket.on('data', (chunk) => {
        const [, path = ''] = chunk.toString('latin1').split(' ');
        seen.push(path);
        answering += 1;
        assert.equal(answering, 1, 'never two at the same time');
        setImmediate(() => {
          answering -= 1;
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`);
        });
      }),
    );
    const plane = await startDataPlane();
    t.after(async () => {
      await plane.close();
      await upstream.close();
    });
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    const client = connect({ port: plane.port, host: '127.0.0.1' });
    let received = '';
    client.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    client.write(
      paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: web.test\r\n${path === '/19' ? 'Connection: close\r\n' : ''}\r\n`).join(''),
    );
    await once(client, 'close');
    assert.deepEqual(seen, paths);
    assert.deepEqual(
      [...received.matchAll(/\r\n\r\n(\/\d+)/g)].map(([, path]) => path),
      paths,
    );
  });
});

describe('what stands behind requests that are still being answered', () => {
  /** An upstream that answers when it is told to, and a client that sends everything at once. */
  async function arrange(t: TestContext, sent: string) {
    const asked: string[] = [];
    const answers: (() => void)[] = [];
    const { plane, upstream } = await withHttpUpstream(t, (request, response) => {
      asked.push(`${request.url} ${request.headers.upgrade ?? 'plain'}`);
      answers.push(() => response.end(`answer to ${request.url}`));
    });
    upstream.server.on('upgrade', (request, socket) => {
      asked.push(`${request.url} upgraded`);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    });
    const client = connect({ port: plane.port, host: '127.0.0.1' });
    t.after(() => client.destroy());
    let received = '';
    client.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    client.on('error', () => client.destroy());
    client.write(sent);
    const answer = async (index: number) => {
      await waitUntil(() => answers.length > index);
      answers[index]?.();
    };
    const statuses = () => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    return { client, asked, answer, statuses, received: () => received };
  }
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: web.test\r\n\r\n`;

  it('is refused after them, when it is no request', async (t) => {
    const { client, answer, statuses, received } = await arrange(t, `${get('/1')}${get('/2')}no request\r\n\r\n`);
    await answer(0);
    await answer(1);
    await waitUntil(() => client.closed);
    assert.deepEqual(statuses(), ['200', '200', '400']);
    assert.match(received(), /answer to \/1HTTP\/1\.1 200[\s\S]*answer to \/2HTTP\/1\.1 400/);
  });

  it('is not upgraded: both would speak at once on one connection', async (t) => {
    const upgrade = 'GET /chat HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
    const { asked, answer, statuses } = await arrange(t, get('/1') + upgrade);
    await answer(0);
    await answer(1);
    await waitUntil(() => statuses().length === 2);
    assert.deepEqual(
      [asked, statuses()],
      [
        ['/1 plain', '/chat plain'],
        ['200', '200'],
      ],
    );
  });
});
