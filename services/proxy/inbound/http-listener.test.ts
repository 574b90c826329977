import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream } from '../testing/arrange.ts';
import { endpoints } from '../testing/endpoints.ts';
import { ask } from '../testing/http-client.ts';
import { sendRaw } from '../testing/raw-http.ts';
import { startDataPlane } from '../testing/start-data-plane.ts';

describe('a listener that stops', () => {
  it('lets requests under way end and answers what idle connections still bring, then closes them', async (t) => {
    let finish: (() => void) | null = null;
    const { plane } = await withHttpUpstream(
      t,
      (incoming, response) => {
        if (incoming.url === '/slow') finish = () => response.end('slow');
        else response.end('quick');
      },
      { KEDGE_DRAIN_TIMEOUT: '30s' },
    );
    const slow = ask({ port: plane.port, path: '/slow' });
    const idle = connect({ port: plane.port, host: '127.0.0.1' });
    let received = '';
    idle.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    idle.write('GET / HTTP/1.1\r\nHost: web.test\r\n\r\n');
    const finishSlow = await waitUntil(() => received.endsWith('quick') && finish);

    const closed = plane.listening.close();
    received = '';
    idle.write('GET / HTTP/1.1\r\nHost: web.test\r\n\r\n');
    await once(idle, 'close');
    assert.match(received, /^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close[\s\S]*quick$/);
    // Whoever is in the kernel's queue is answered first.
    const isRefused = (thrown: NodeJS.ErrnoException) => thrown.code === 'ECONNREFUSED';
    await waitUntil(async () => await ask({ port: plane.port }).then(() => false, isRefused), { what: 'nobody is taken any more' });
    finishSlow();
    assert.deepEqual([(await slow).body, (await slow).headers.connection], ['slow', 'close']);
    await closed;
  });

  it('breaks off what takes longer than it may', async (t) => {
    const { plane } = await withHttpUpstream(t, () => undefined, { KEDGE_DRAIN_TIMEOUT: '100ms' });
    const stuck = ask({ port: plane.port });
    const failed = assert.rejects(stuck, { code: 'ECONNRESET' });
    await waitUntil(() => plane.traffic.openOf('c1') === 1);
    await plane.listening.close();
    await failed;
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
  });
});

describe('a listener', () => {
  it('answers 408 to who does not come to an end with a head, soon after its time is over', async (t) => {
    const plane = await startDataPlane({ KEDGE_CLIENT_HEADERS: '100ms' });
    t.after(plane.close);
    const slow = ['', 'GET / HTTP/1.1\r\nHost: web', 'GET / HTTP/1.1\r\nHost: web.test\r\n\r\nGET / HT'];
    const answers = await Promise.all(slow.map(async (bytes) => await sendRaw(plane.port, bytes, { timeoutMs: 10_000 })));
    for (const answer of answers) assert.match(answer, /HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  it('closes when the settings switch the proxy off, and opens again', async (t) => {
    const { plane, upstream } = await withHttpUpstream(t, (_request, response) => response.end('on'));
    const web = [endpoints('web', [{ id: 'c1', port: upstream.port }])];
    plane.route(web, { enabled: false });
    await waitUntil(() => plane.listening.port() === null);
    await waitUntil(
      async () =>
        await ask({ port: plane.port }).then(
          () => false,
          () => true,
        ),
    );
    plane.route(web, { enabled: true });
    const port = await waitUntil(() => plane.listening.port());
    assert.equal((await ask({ port })).body, 'on');
  });

  it('takes IPv6 and IPv4 clients and tells upstreams their plain addresses', async (t) => {
    const { plane } = await withHttpUpstream(t, (incoming, response) => response.end(incoming.headers['x-forwarded-for']), {
      KEDGE_HTTP_HOST: '::',
    });
    assert.equal((await ask({ port: plane.port })).body, '127.0.0.1');
  });

  it('shares its port with another proxy', async (t) => {
    const first = await startDataPlane();
    t.after(() => first.close());
    const second = await startDataPlane({ KEDGE_HTTP_PORT: String(first.port) });
    t.after(() => second.close());
    assert.equal(second.port, first.port);
  });

  it('tries again while its port is taken', async (t) => {
    const { upstream } = await withHttpUpstream(t, (_request, response) => response.end('taken'));
    const plane = await startDataPlane({ KEDGE_HTTP_PORT: String(upstream.port) });
    t.after(() => plane.close());
    assert.equal(plane.listening.port(), null);
    const agent = new Agent({ keepAlive: false });
    upstream.server.close();
    assert.equal(await waitUntil(() => plane.listening.port()), upstream.port);
    assert.equal((await ask({ port: upstream.port, agent })).status, 503);
    upstream.server.listen(0);
  });
});
