import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { constants } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from './testing/endpoints.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';
import { askHttp2, connectHttp2, hear, openStream } from './testing/http2-client.ts';
import { fieldBlock, flag, frame, frameOf, openRawHttp2 } from './testing/raw-http2.ts';
import { startDataPlane } from './testing/start-data-plane.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

/** The door for HTTPS before one node:http upstream, and a connection to it. */
async function arrange(t: TestContext, listener: RequestListener) {
  const upstream = await startHttpUpstream(listener);
  const plane = await startDataPlane({
    KEDGE_HTTPS_PORT: '0',
    KEDGE_CERTIFICATES: 'self-signed',
    KEDGE_STATE_DIR: await temporaryFolder(),
  });
  t.after(async () => {
    await plane.close();
    await upstream.close();
  });
  plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])], { strategy: 'both' });
  const session = await connectHttp2(t, plane.https?.port() ?? 0);
  return { plane, session, port: plane.https?.port() ?? 0 };
}

describe('a client that speaks HTTP/2', () => {
  it('is answered by an upstream that speaks HTTP/1.1, which gets what it would get of any client', async (t) => {
    const { session } = await arrange(t, (request, response) => {
      const { method, url, rawHeaders, httpVersion } = request;
      response.writeHead(201, { 'X-Seen': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
      response.end(JSON.stringify({ method, url, httpVersion, rawHeaders }));
    });
    const answer = await askHttp2(session, { path: '/x?y=1', headers: ['x-a', '1', 'cookie', 'a=1', 'cookie', 'b=2'] });
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.fields.slice(0, 8), [':status', '201', 'x-seen', 'yes', 'set-cookie', 'a=1', 'set-cookie', 'b=2']);
    const seen = JSON.parse(answer.body);
    assert.deepEqual([seen.method, seen.url, seen.httpVersion], ['GET', '/x?y=1', '1.1']);
    assert.deepEqual(seen.rawHeaders.slice(0, 6), ['Host', 'web.test', 'x-a', '1', 'Cookie', 'a=1; b=2']);
    assert.ok(seen.rawHeaders.join(' ').includes('X-Forwarded-Proto https'));
  });

  it('gets what an upstream says twice, and a 205 that claims to have a body', async (t) => {
    const twice = ['X-Content-Type-Options', 'nosniff', 'X-Content-Type-Options', 'nosniff', 'ETag', '"1"', 'ETag', '"1"'];
    const { session } = await arrange(t, ({ url }, response) => {
      if (url === '/205') response.socket?.end('HTTP/1.1 205 Reset Content\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
      else {
        response.writeHead(200, [...twice, 'Trailer', 'ETag', 'Transfer-Encoding', 'chunked']);
        response.write('body');
        response.addTrailers([
          ['ETag', '1'],
          ['ETag', '2'],
        ]);
        response.end();
      }
    });
    const answer = await askHttp2(session, { path: '/' });
    assert.deepEqual([answer.status, answer.body, answer.trailers, answer.code], [200, 'body', ['etag', '1', 'etag', '2'], 0]);
    assert.equal(answer.fields.filter((name) => name === 'x-content-type-options').length, 2);
    const reset = await askHttp2(session, { path: '/205' });
    assert.deepEqual([reset.status, reset.body, reset.code], [205, '', 0]);
  });

  it('sends a body with and without a length, and trailers both ways', async (t) => {
    const { session } = await arrange(t, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        response.writeHead(200, { Trailer: 'X-Sum' });
        response.write(Buffer.concat(chunks));
        response.addTrailers({ 'X-Sum': `${request.headers['content-length'] ?? 'chunks'} ${request.trailers['x-more'] ?? ''}` });
        response.end();
      });
    });
    const plain = await askHttp2(session, { method: 'POST', body: 'hello', headers: ['content-length', '5'] });
    assert.deepEqual([plain.body, plain.trailers, plain.code], ['hello', ['x-sum', '5'], 0]);
    const chunked = await askHttp2(session, { method: 'POST', body: 'hello', trailers: { 'x-more': 'yes' } });
    assert.deepEqual([chunked.body, chunked.trailers, chunked.code], ['hello', ['x-sum', 'chunks yes'], 0]);
  });

  it('uploads and downloads much with little memory between', async (t) => {
    const bytes = 24 * 1_048_576;
    const { session } = await arrange(t, (request, response) => {
      let seen = 0;
      request.on('data', (chunk) => {
        seen += chunk.length;
      });
      request.on('end', () => {
        response.writeHead(200, { 'x-seen': String(seen) });
        response.end(Buffer.alloc(bytes, 'd'));
      });
    });
    const answer = await askHttp2(session, { method: 'PUT', body: Buffer.alloc(bytes, 'u') });
    assert.equal(answer.body.length, bytes);
    assert.ok(answer.fields.includes(String(bytes)));
  });

  it('asks many things at once on one connection', async (t) => {
    const { session } = await arrange(t, (request, response) => response.end(request.url));
    const answers = await Promise.all(Array.from({ length: 100 }, async (_, index) => await askHttp2(session, { path: `/${index}` })));
    assert.deepEqual(
      answers.map(({ body }) => body),
      Array.from({ length: 100 }, (_, index) => `/${index}`),
    );
  });

  it('hears interim answers, and goes without a body where there is none', async (t) => {
    const { session } = await arrange(t, (request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeHead(request.method === 'HEAD' ? 200 : 204, { 'x-a': '1' });
      response.end();
    });
    const answer = await askHttp2(session);
    assert.deepEqual([answer.status, answer.body, answer.informed, answer.code], [204, '', [103], 0]);
    assert.deepEqual([(await askHttp2(session, { method: 'HEAD' })).status], [200]);
  });

  it('is continued when it waits for that', async (t) => {
    const { session } = await arrange(t, (request, response) => request.pipe(response));
    const stream = openStream(session, { method: 'POST', headers: ['expect', '100-continue'], body: '' });
    const answer = hear(stream);
    stream.once('continue', () => stream.end('now'));
    assert.equal((await answer).body, 'now');
  });

  it('leaves, and the target learns it', async (t) => {
    const gone = Promise.withResolvers<void>();
    const { plane, session } = await arrange(t, (_request, response) => {
      response.write('begun');
      response.on('close', () => gone.resolve());
    });
    const stream = openStream(session);
    stream.once('data', () => stream.close(constants.NGHTTP2_CANCEL));
    stream.on('error', () => undefined);
    await gone.promise;
    await waitUntil(async () => (await plane.underWay()) === 0);
  });

  it('breaks an upload off, which no target takes for a whole one', async (t) => {
    for (const reason of [constants.NGHTTP2_CANCEL, constants.NGHTTP2_NO_ERROR]) {
      const ended = Promise.withResolvers<boolean>();
      const begun = Promise.withResolvers<void>();
      const { port } = await arrange(t, (request) => {
        request.once('data', () => begun.resolve());
        request.on('error', () => undefined);
        request.on('close', () => ended.resolve(request.complete));
      });
      const raw = await openRawHttp2(port);
      const fields = [':method', 'POST', ':scheme', 'https', ':path', '/', ':authority', 'web.test'];
      raw.send(frameOf([frame.headers, flag.endHeaders, 1], fieldBlock(fields)), frameOf([frame.data, 0, 1], 'half'));
      await begun.promise;
      raw.send(frameOf([frame.rstStream, 0, 1], Buffer.from([0, 0, 0, reason])));
      assert.equal(await ended.promise, false, `reset with ${reason}`);
      raw.socket.destroy();
    }
  });

  it('is told when an answer breaks off, by the stream alone', async (t) => {
    const { session } = await arrange(t, (request, response) => {
      if (request.url === '/whole') {
        response.end('whole');
        return;
      }
      response.write('half');
      setImmediate(() => request.socket.destroy());
    });
    assert.equal((await askHttp2(session)).code, constants.NGHTTP2_INTERNAL_ERROR);
    assert.equal((await askHttp2(session, { path: '/whole' })).body, 'whole');
  });

  it('is answered before it sent its body, and told to send no more of it', async (t) => {
    const { session } = await arrange(t, (_request, response) => response.writeHead(403).end('no'));
    const stream = openStream(session, { method: 'POST', body: '' });
    stream.write('some');
    const answer = await hear(stream);
    assert.deepEqual([answer.status, answer.body, answer.code], [403, 'no', 0]);
    assert.equal((await askHttp2(session)).status, 403);
  });

  it('gets the pages of the proxy', async (t) => {
    const { plane, session } = await arrange(t, (_request, response) => response.end());
    assert.equal((await askHttp2(session, { host: 'unknown.test' })).status, 404);
    assert.equal((await askHttp2(session, { headers: ['host', 'other.test'] })).status, 400);
    const tunnel = openStream(session, { fields: [':method', 'CONNECT', ':authority', 'web.test:80'] });
    assert.equal((await hear(tunnel)).status, 405);
    assert.equal((await askHttp2(session)).status, 200);
    await waitUntil(async () => (await plane.underWay()) === 0);
  });

  it('is let go of: it may ask on while the door closes, and the connection ends with its last answer', async (t) => {
    const { plane, session } = await arrange(t, (_request, response) => setTimeout(() => response.end('late'), 600));
    const closed = new Promise<void>((resolve) => session.once('close', resolve));
    const goaway = new Promise<number>((resolve) => session.once('goaway', (_code, last) => resolve(last)));
    const first = askHttp2(session);
    await waitUntil(async () => (await plane.underWay()) === 1);
    const closing = plane.listening.close();
    const second = askHttp2(session);
    assert.equal(await goaway, 3, 'the second one is answered, and none behind it');
    assert.deepEqual([(await first).body, (await second).body], ['late', 'late']);
    await closed;
    await closing;
  });
});
