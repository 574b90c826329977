import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { withRawUpstream } from './testing/arrange.ts';
import { endpoints } from './testing/endpoints.ts';
import { sendRaw } from './testing/raw-http.ts';

describe('what passes on a route with rules', () => {
  it('edits what the target gets: names alone, in any case, also trailers and upgrades', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
    );
    const rules = { request_headers: { set: { 'X-Env': 'prod' }, remove: ['X-Secret'] } };
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { rules })]);
    const headers = 'A: X-Secret\r\nB: Transfer-Encoding\r\nx_env: mine\r\nX-SECRET: mine\r\nx-secret: mine\r\nContent-Length: 0\r\n';
    for (const [request, secret] of [
      [`POST / HTTP/1.1\r\nHost: web.test\r\n${headers}\r\n`, 'Content-Length: 0\r\n'],
      [
        `POST / HTTP/1.1\r\nHost: web.test\r\nTransfer-Encoding: chunked\r\nTE: trailers\r\n\r\n0\r\nX-Secret: mine\r\nX_Env: mine\r\nOk: 1\r\n\r\n`,
        '0\r\nOk: 1\r\n\r\n',
      ],
      [`GET / HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Secret: mine\r\n\r\n`, 'pgrade: websocket'],
    ] as const) {
      const before = upstream.received().length;
      await sendRaw(plane.port, request, { until: 'Content-Length: 0' });
      await waitUntil(() => upstream.received().slice(before).includes(secret));
      const received = upstream.received().slice(before);
      assert.match(received, /^x-env: prod\r$/im);
      assert.ok(!received.includes('mine'), received);
      if (request.includes('B: ')) assert.match(received, /^A: X-Secret\r\nB: Transfer-Encoding\r\n/m);
    }
  });

  it('edits what the client gets: head, interim answers and trailers, and never where the answer ends', async (t) => {
    const answer =
      'HTTP/1.1 103 Early Hints\r\nLink: a\r\nX-Powered-By: mine\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nx-powered-BY: mine\r\nA: X-Powered-By\r\nServer: mine\r\nTrailer: Sum\r\n\r\n5\r\nhello\r\n';
    const { plane, upstream } = await withRawUpstream(t, (socket) =>
      socket.once('data', () => {
        socket.write(answer);
        setImmediate(() => socket.end('0\r\nX_Powered_By: mine\r\nSum: 1\r\n\r\n'));
      }),
    );
    const rules = { response_headers: { set: { Server: 'ours' }, remove: ['X-Powered-By'] } };
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { rules })]);
    const received = await sendRaw(plane.port, 'GET / HTTP/1.1\r\nHost: web.test\r\nTE: trailers\r\nConnection: close\r\n\r\n');
    assert.match(received, /^HTTP\/1\.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP\/1\.1 200 OK\r\nA: X-Powered-By\r\nServer: ours\r\n/);
    assert.match(received, /\r\n5\r\nhello\r\n0\r\nSum: 1\r\n\r\n$/);
    assert.ok(!received.includes('mine'), received);
  });

  for (const [what, answer] of [
    ['that was upgraded', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'],
    ['that is none', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n'],
    ['that is refused, in chunks', 'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n'],
  ] as const) {
    it(`edits what the client gets of an upgrade ${what}`, async (t) => {
      const own = 'X-Internal: mine\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nRateLimit: mine\r\n\r\n';
      const body = answer.includes('chunked') ? '2\r\nok\r\n0\r\n\r\n' : 'ok';
      const { plane, upstream } = await withRawUpstream(t, (socket) => socket.once('data', () => socket.end(`${answer}${own}${body}`)));
      const rules = {
        response_headers: { set: { 'Content-Security-Policy': "default-src 'self'" }, remove: ['x-internal'] },
        rate_limit: { requests: 5, window_ms: 600_000 },
      };
      plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { rules })]);
      const received = await sendRaw(plane.port, 'GET / HTTP/1.1\r\nHost: web.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      assert.equal(received.split(' ')[1], answer.split(' ')[1]);
      assert.ok(!received.includes('mine'), received);
      for (const line of [
        /^content-security-policy: default-src 'self'\r$/im,
        /^set-cookie: a=1\r\nset-cookie: b=2\r$/im,
        /^ratelimit: "default";r=4;/im,
      ])
        assert.match(received, line);
      if (answer.includes(' 101 ')) assert.match(received, /^upgrade: websocket\r\nconnection: Upgrade\r$/im);
      assert.match(received, /\r\n(?:2\r\n)?ok(?:\r\n0\r\n\r\n)?$/);
    });
  }

  it('gives the target another path, also of an upgrade', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
    );
    const routes = [{ host: 'web.test', path: '/api' }];
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { routes, rules: { rewrite: '/' } })]);
    for (const more of ['', 'Connection: Upgrade\r\nUpgrade: websocket\r\n']) {
      const before = upstream.received().length;
      await sendRaw(plane.port, `GET /api//x?y=%2F HTTP/1.1\r\nHost: web.test\r\nX-Forwarded-Prefix: /evil\r\n${more}\r\n`, {
        until: 'Content-Length: 0',
      });
      await waitUntil(() => upstream.received().slice(before).includes('\r\n\r\n'));
      const received = upstream.received().slice(before);
      assert.match(received, /^GET \/x\?y=%2F HTTP\/1\.1\r\n/);
      assert.deepEqual(
        received.match(/^x-forwarded-prefix: .*$/gim)?.map((line) => line.toLowerCase()),
        ['x-forwarded-prefix: /api'],
      );
    }
  });

  it('asks the target for no path that it may resolve to another place', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, () => undefined);
    const routes = [{ host: 'web.test', path: '/api' }];
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { routes, rules: { rewrite: '/' } })]);
    for (const more of ['Connection: close\r\n', 'Connection: Upgrade\r\nUpgrade: websocket\r\n']) {
      const received = await sendRaw(plane.port, `GET /api/..%2fsecret HTTP/1.1\r\nHost: web.test\r\n${more}\r\n`);
      assert.match(received, /^HTTP\/1\.1 400 /);
    }
    assert.equal(upstream.received(), '');
    const both = await sendRaw(
      plane.port,
      'GET /api/../b HTTP/1.1\r\nHost: web.test\r\n\r\nGET /c HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n',
    );
    assert.deepEqual(both.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 400', 'HTTP/1.1 404'], 'what is behind it is answered');
  });

  it('takes bodies up to a size, announced or in chunks, and nothing beyond it reaches the target', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) => {
      let seen = '';
      socket.on('data', (chunk) => {
        seen += chunk.toString('latin1');
        if (/\r\n\r\n(?:12345|5\r\n12345\r\n0\r\n\r\n)$/.test(seen)) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { rules: { max_body: 5 } })]);
    const post = 'POST / HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n';
    const chunked = 'Transfer-Encoding: chunked\r\n\r\n';
    for (const [request, status] of [
      [`${post}Content-Length: 5\r\n\r\n12345`, 200],
      [`${post}${chunked}5\r\n12345\r\n0\r\n\r\n`, 200],
      [`${post}Content-Length: 6\r\n\r\nx-more`, 413],
      [`${post}Content-Length: 9999999999999999\r\nExpect: 100-continue\r\n\r\n`, 413],
      [`${post}${chunked}5\r\n12345\r\n1\r\nx\r\n0\r\n\r\n`, 413],
      [`${post}${chunked}6\r\nx-more\r\n0\r\n\r\n`, 413],
    ] as const) {
      assert.match(await sendRaw(plane.port, request), new RegExp(`^HTTP/1\\.1 ${status} `), request);
    }
    assert.ok(!upstream.received().includes('x'), upstream.received());
  });

  it('tells targets on demand who asked, which request it is and to which trace it belongs', async (t) => {
    const { plane, upstream } = await withRawUpstream(t, (socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
    );
    const settings = { strategy: 'http-only', forwarded: true, request_id: true, traceparent: true } as const;
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])], settings);
    const headers = 'Forwarded: for=evil\r\nConnection: close, X-Request-Id\r\nX-Request-Id: mine\r\n';
    assert.match(await sendRaw(plane.port, `GET / HTTP/1.1\r\nHost: web.test\r\n${headers}\r\n`), /^HTTP\/1\.1 200 /);
    const received = upstream.received();
    assert.match(received, /^X-Request-Id: [0-9a-f-]{36}\r$/m);
    assert.match(received, /^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01\r$/m);
    assert.match(received, /^Forwarded: for=127\.0\.0\.1;host=web\.test;proto=http\r$/m);
    assert.ok(!/mine|evil/.test(received), received);
  });
});
