import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream, withRawUpstream } from './testing/arrange.ts';
import { endpoints } from './testing/endpoints.ts';
import { ask, open } from './testing/http-client.ts';
import { sendRaw } from './testing/raw-http.ts';
import { startDataPlane } from './testing/start-data-plane.ts';

/** Nothing listens on the discard port of the loopback interface. */
const refusingPort = 9;

describe('an answer', () => {
  const date = 'date: Thu, 01 Jan 2026 00:00:00 GMT\r\n';

  it('passes with its status, reason, headers in order and body', async (t) => {
    const { plane } = await withRawUpstream(t, (socket) =>
      socket.on('data', () =>
        socket.write(
          `HTTP/1.1 207 Many Things\r\nSet-Cookie: a=1\r\n${date}X-Mixed: Case\r\nset-cookie: b=2\r\nContent-Length: 7\r\n\r\nK\xc3\xb6rper`,
          'latin1',
        ),
      ),
    );
    const answer = await sendRaw(plane.port, 'GET / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n');
    assert.equal(
      answer,
      `HTTP/1.1 207 Many Things\r\nSet-Cookie: a=1\r\n${date}X-Mixed: Case\r\nset-cookie: b=2\r\nContent-Length: 7\r\nConnection: close\r\n\r\nK\xc3\xb6rper`,
    );
  });

  it('without a date gets that of its arrival (RFC 9110 §6.6.1)', async (t) => {
    const { plane } = await withRawUpstream(t, (socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
    );
    assert.ok(Math.abs(Date.parse((await ask({ port: plane.port })).headers.date ?? '') - Date.now()) < 3_600_000);
  });

  it('to HEAD keeps the length and has no body', async (t) => {
    const { plane } = await withHttpUpstream(t, (_request, response) =>
      response.writeHead(200, { 'Content-Length': 12 }).end('twelve bytes'),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const head = await ask({ port: plane.port, method: 'HEAD', agent });
    assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '12', '']);
    assert.equal((await ask({ port: plane.port, agent })).body, 'twelve bytes');
  });

  for (const status of [204, 304]) {
    it(`with ${status} has no body, and the connection goes on`, async (t) => {
      const { plane, upstream } = await withHttpUpstream(t, (_request, response) => response.writeHead(status, { ETag: '"x"' }).end());
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      t.after(() => agent.destroy());
      for (let round = 0; round < 3; round += 1) assert.equal((await ask({ port: plane.port, agent })).status, status);
      assert.equal(await upstreamConnections(upstream.server), 1);
    });
  }

  it('in chunks passes with its trailers, whatever pieces it comes in', async (t) => {
    const { plane } = await withHttpUpstream(t, (_request, response) => {
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('one ');
      setImmediate(() => {
        response.write('two ');
        response.addTrailers({ 'X-Sum': '42' });
        response.end('three');
      });
    });
    const { headers, body, trailers } = await ask({ port: plane.port });
    assert.deepEqual([headers.trailer, body, { ...trailers }], ['X-Sum', 'one two three', { 'x-sum': '42' }]);
  });

  const announcing: readonly (readonly [what: string, request: string, framing: string])[] = [
    ['none come', 'GET / HTTP/1.1', 'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
    ['the client speaks HTTP/1.0', 'GET / HTTP/1.0', 'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n'],
    ['there are no chunks', 'GET / HTTP/1.1', 'Content-Length: 2\r\n\r\nok'],
    ['there is no body', 'HEAD / HTTP/1.1', 'Transfer-Encoding: chunked\r\n\r\n'],
  ];
  for (const [what, line, framing] of announcing) {
    it(`that announces trailers passes although ${what}`, async (t) => {
      const { plane } = await withRawUpstream(t, (socket) =>
        socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\n${framing}`)),
      );
      const answer = await sendRaw(plane.port, `${line}\r\nHost: web.test\r\nConnection: close\r\n\r\n`);
      assert.match(answer, line.startsWith('HEAD') ? /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\n$/ : /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/);
      assert.doesNotMatch(answer, /trailer/i);
    });
  }

  it('that ends with the connection passes complete', async (t) => {
    const { plane } = await withRawUpstream(t, (socket) =>
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it')),
    );
    for (let round = 0; round < 3; round += 1) assert.equal((await ask({ port: plane.port })).body, 'all of it');
  });

  it('to an HTTP/1.0 client comes without chunks', async (t) => {
    const { plane } = await withHttpUpstream(t, (_request, response) => {
      response.write('one ');
      setImmediate(() => response.end('two'));
    });
    const answer = await sendRaw(plane.port, 'GET / HTTP/1.0\r\nHost: web.test\r\n\r\n');
    assert.match(answer, /\r\n\r\none two$/);
    assert.doesNotMatch(answer, /transfer-encoding/i);
  });

  it('that streams events passes unbuffered, head first', async (t) => {
    let say: (text: string) => void = () => undefined;
    const { plane } = await withHttpUpstream(t, (_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      say = (text) => response.write(text);
    });
    const response = await open({ port: plane.port });
    assert.equal(response.headers['content-type'], 'text/event-stream');
    for (const event of ['data: 1\n\n', 'data: 2\n\n']) {
      say(event);
      const [chunk] = await once(response, 'data');
      assert.equal(String(chunk), event);
    }
    response.destroy();
    await waitUntil(() => plane.traffic.openOf('c1') === 0);
  });

  it('passes interim answers on, and never 101', async (t) => {
    const { plane } = await withRawUpstream(t, (socket) =>
      socket.on('data', () =>
        socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
      ),
    );
    const raw = await sendRaw(plane.port, 'GET / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n');
    assert.match(raw, /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    const old = await sendRaw(plane.port, 'GET / HTTP/1.0\r\nHost: web.test\r\n\r\n');
    assert.match(old, /^HTTP\/1\.1 200 OK\r\n/, 'HTTP/1.0 knows no interim answers');
  });

  const broken: readonly (readonly [what: string, bytes: string])[] = [
    ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly a part'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nonly a part\r\n'],
    ['in chunks that are not valid', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nonly a part\r\nxyz\r\n'],
    [
      'in chunks with a trailer that is not valid',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nonly a part\r\n0\r\nBad Name: x\r\n\r\n',
    ],
  ];
  for (const [what, bytes] of broken) {
    it(`${what} that breaks off is never passed as complete`, async (t) => {
      let breakOff: () => void = () => undefined;
      const { plane } = await withRawUpstream(t, (socket) => {
        socket.once('data', () => socket.write(bytes.slice(0, -5)));
        breakOff = () => socket.end(bytes.slice(-5));
      });
      const response = await open({ port: plane.port });
      breakOff();
      await assert.rejects(response.toArray(), { code: 'ECONNRESET' });

      const old = connect({ port: plane.port, host: '127.0.0.1' });
      old.write('GET / HTTP/1.0\r\nHost: web.test\r\n\r\n');
      await once(old, 'data');
      breakOff();
      await assert.rejects(old.toArray(), { code: 'ECONNRESET' }, 'a mere end would look complete to HTTP/1.0');
    });
  }

  const bad: readonly (readonly [what: string, bytes: string])[] = [
    ['is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['switches protocols without being asked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['has a header that is not valid', 'HTTP/1.1 200 OK\r\nBad Name: x\r\nContent-Length: 0\r\n\r\n'],
    ['has a value that is not valid', 'HTTP/1.1 200 OK\r\nX-A: \0\r\nContent-Length: 0\r\n\r\n'],
    ['frames its body twice', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['never ends its head', `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(10_000)}`],
    ['is nothing at all', ''],
  ];
  for (const [what, bytes] of bad) {
    it(`that ${what} becomes 502`, async (t) => {
      const { plane } = await withRawUpstream(t, (socket) => socket.once('data', () => socket.end(bytes)));
      const answer = await ask({ port: plane.port, headers: { Accept: 'application/json' } });
      assert.deepEqual([answer.status, JSON.parse(answer.body).error], [502, 'Bad Gateway']);
    });
  }

  it('that takes too long becomes 504', async (t) => {
    const { plane } = await withRawUpstream(t, () => undefined, { KEDGE_ANSWER_TIMEOUT: '50ms' });
    assert.equal((await ask({ port: plane.port })).status, 504);
    await waitUntil(() => plane.connections() === 0);
  });
});

describe('a request', () => {
  it('in absolute form reaches the upstream in origin form, with the host of its target', async (t) => {
    const { plane } = await withHttpUpstream(t, (incoming, response) => response.end(`${incoming.headers.host} ${incoming.url}`));
    const answer = await sendRaw(plane.port, 'GET http://web.test/a?b HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n');
    assert.match(answer, /web\.test \/a\?b$/);
  });

  it('for an unknown host gets 404, for a service without targets 503, and before any routes are known 503', async (t) => {
    const plane = await startDataPlane();
    t.after(() => plane.close());
    const early = await ask({ port: plane.port });
    assert.deepEqual([early.status, early.headers['retry-after']], [503, '2']);
    plane.route([endpoints('empty', [])]);
    assert.equal((await ask({ port: plane.port })).status, 404);
    const empty = await ask({ port: plane.port, host: 'empty.test' });
    assert.deepEqual([empty.status, empty.headers['retry-after']], [503, '2']);
  });

  it('goes on to another target when one cannot be reached, with its body', async (t) => {
    const { plane, upstream } = await withHttpUpstream(t, (incoming, response) => {
      incoming.pipe(response);
    });
    plane.route([
      endpoints('web', [
        { id: 'dead', port: refusingPort },
        { id: 'alive', port: upstream.port },
        { id: 'dead-too', port: refusingPort },
      ]),
    ]);
    for (let round = 0; round < 6; round += 1) {
      assert.equal((await ask({ port: plane.port, method: 'POST', body: `body ${round}` })).body, `body ${round}`);
      assert.equal((await ask({ port: plane.port })).status, 200);
    }
    assert.deepEqual(['dead', 'alive', 'dead-too'].map(plane.traffic.openOf), [0, 0, 0]);
  });

  it('leaves a target alone for a while that could not be reached', async (t) => {
    const { plane, upstream } = await withHttpUpstream(t, (_request, response) => response.end('alive'));
    const late = createServer((_request, response) => response.end('late'));
    await once(late.listen(0, '127.0.0.1'), 'listening');
    const { port } = late.address() as AddressInfo;
    await new Promise((resolve) => late.close(resolve));
    plane.route([
      endpoints('web', [
        { id: 'late', port },
        { id: 'alive', port: upstream.port },
      ]),
    ]);
    for (let round = 0; round < 2; round += 1) assert.equal((await ask({ port: plane.port })).body, 'alive');
    await once(late.listen(port, '127.0.0.1'), 'listening');
    t.after(() => late.close());
    for (let round = 0; round < 6; round += 1) assert.equal((await ask({ port: plane.port })).body, 'alive');
    plane.route([endpoints('web', [{ id: 'late', port }])]);
    assert.equal((await ask({ port: plane.port })).body, 'late', 'it is taken where nobody else is left');
  });

  it('gets 502 when no target can be reached', async (t) => {
    const plane = await startDataPlane({ KEDGE_CONNECT_RETRY: '0s' });
    t.after(() => plane.close());
    plane.route([
      endpoints('web', [
        { id: 'dead', port: refusingPort },
        { id: 'dead-too', port: refusingPort },
      ]),
    ]);
    assert.equal((await ask({ port: plane.port })).status, 502);
  });

  it('that was sent and not answered is not sent again when repeating could do harm', async (t) => {
    let requests = 0;
    const { plane } = await withRawUpstream(t, (socket) =>
      socket.on('data', () => {
        requests += 1;
        socket.destroy();
      }),
    );
    assert.equal((await ask({ port: plane.port, method: 'POST', body: 'once' })).status, 502);
    assert.equal((await ask({ port: plane.port, method: 'POST' })).status, 502);
    assert.equal(requests, 2);
  });

  it('is counted on its target until its answer ended', async (t) => {
    let finish: () => void = () => undefined;
    const { plane } = await withHttpUpstream(t, (_incoming, response) => {
      response.write('begun');
      finish = () => response.end();
    });
    const quiet: string[] = [];
    plane.traffic.onQuiet((target) => quiet.push(target));
    const response = await open({ port: plane.port });
    assert.deepEqual([plane.traffic.openOf('c1'), quiet], [1, []]);
    finish();
    await response.resume().toArray();
    assert.deepEqual([plane.traffic.openOf('c1'), quiet], [0, ['c1']]);
    assert.match(await plane.metrics.metrics(), /kedge_requests_total\{service="web",code="2xx"\} 1\n/);
  });
});

async function upstreamConnections(server: import('node:http').Server): Promise<number> {
  return await new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));
}
