import assert from 'node:assert/strict';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from '../testing/endpoints.ts';
import { ask } from '../testing/http-client.ts';
import { deadPort, startHttpUpstream } from '../testing/http-upstream.ts';
import { askHttp2, connectHttp2, hear, openStream } from '../testing/http2-client.ts';
import { type Http2Upstream, startHttp2Upstream } from '../testing/http2-upstream.ts';
import { sendRaw, startRawUpstream } from '../testing/raw-http.ts';
import { fieldBlock, flag, frame, frameOf, speakRawHttp2 } from '../testing/raw-http2.ts';
import { startDataPlane, type TestDataPlane } from '../testing/start-data-plane.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

type OnStream = (stream: ServerHttp2Stream, fields: readonly string[]) => void;

function route(plane: TestDataPlane, ports: readonly number[]): void {
  const targets = ports.map((port) => ({ id: `c${port}`, port }));
  plane.route([endpoints('web', targets, { rules: { scheme: 'h2c' } })], { strategy: 'both' });
}

async function open(t: TestContext, environment: Readonly<Record<string, string>> = {}): Promise<TestDataPlane> {
  const plane = await startDataPlane({
    KEDGE_HTTPS_PORT: '0',
    KEDGE_CERTIFICATES: 'self-signed',
    KEDGE_STATE_DIR: await temporaryFolder(),
    ...environment,
  });
  t.after(async () => await plane.close());
  return plane;
}

/** A door before one upstream that speaks HTTP/2 without TLS. */
async function arrange(t: TestContext, onStream: OnStream, environment = {}): Promise<{ plane: TestDataPlane; upstream: Http2Upstream }> {
  const upstream = await startHttp2Upstream(t, onStream);
  const plane = await open(t, environment);
  route(plane, [upstream.port]);
  return { plane, upstream };
}

describe('a target that is spoken to by HTTP/2', () => {
  it('gets what a client of HTTP/1.1 asks, and its answer goes back with trailers', async (t) => {
    const { plane } = await arrange(t, (stream, fields) => {
      let body = '';
      stream.on('data', (chunk) => {
        body += chunk;
      });
      stream.on('end', () => {
        stream.respond([':status', '200', 'trailer', 'x-sum', 'x-fields', JSON.stringify(fields)], { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': String(body.length) }));
        stream.end(`got ${body}`);
      });
    });
    const answer = await ask({ port: plane.port, path: '/a?b', method: 'POST', body: 'hello', headers: { 'X-Own': 'yes' } });
    assert.deepEqual([answer.status, answer.body, answer.trailers], [200, 'got hello', { 'x-sum': '5' }]);
    const fields = JSON.parse(String(answer.headers['x-fields']));
    assert.deepEqual(fields.slice(0, 8), [':method', 'POST', ':scheme', 'http', ':path', '/a?b', ':authority', 'web.test']);
    assert.ok(fields.includes('x-own') && fields.includes('x-forwarded-for'));
    assert.ok(!fields.includes('connection') && !fields.includes('transfer-encoding') && !fields.includes('host'));
  });

  it('gets what a client says twice, in its headers and its trailers', async (t) => {
    const seen: string[][] = [];
    const { plane } = await arrange(t, (stream, fields) => {
      seen.push([...fields]);
      stream.on('trailers', (_headers, _flags, raw) => seen.push([...raw]));
      stream.resume();
      stream.on('end', () => {
        stream.respond([':status', '200']);
        stream.end();
      });
    });
    const head =
      'POST / HTTP/1.1\r\nHost: web.test\r\nUser-Agent: a\r\nUser-Agent: b\r\nHTTP2-Settings: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n';
    const answer = await sendRaw(plane.port, `${head}\r\n0\r\nETag: 1\r\nETag: 2\r\nHTTP2-Settings: x\r\nX-Sum: 3\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
    await waitUntil(() => seen.length === 2);
    const [fields = [], trailers = []] = seen;
    const said = fields.flatMap((name, index) => (name === 'user-agent' ? [fields[index + 1]] : []));
    assert.deepEqual(said, ['a', 'b']);
    assert.ok(![...fields, ...trailers].includes('http2-settings'));
    assert.ok(trailers.includes('x-sum'));
  });

  it('is asked by many at once on one connection', async (t) => {
    const { plane, upstream } = await arrange(t, (stream, fields) => {
      stream.respond([':status', '200']);
      stream.end(fields[fields.indexOf(':path') + 1]);
    });
    const session = await connectHttp2(t, plane.https?.port() ?? 0);
    const answers = await Promise.all(Array.from({ length: 300 }, async (_, index) => await askHttp2(session, { path: `/${index}` })));
    assert.deepEqual(
      answers.map(({ body }) => body),
      Array.from({ length: 300 }, (_, index) => `/${index}`),
    );
    assert.ok(upstream.sessions.size <= 4, `${upstream.sessions.size} connections`);
  });

  it('streams both ways at the same time, with trailers alone at the end', async (t) => {
    const { plane } = await arrange(t, (stream) => {
      stream.respond([':status', '200', 'content-type', 'application/grpc'], { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.on('data', (chunk) => stream.write(`<${chunk}>`));
      stream.on('end', () => stream.end());
    });
    const session = await connectHttp2(t, plane.https?.port() ?? 0);
    const stream = openStream(session, { method: 'POST', headers: ['te', 'trailers'], body: '' });
    const answered = hear(stream);
    stream.write('one');
    await new Promise((resolve) => stream.once('data', resolve));
    stream.end('two');
    const { body, trailers, code } = await answered;
    assert.deepEqual([body, trailers, code], ['<one><two>', ['grpc-status', '0'], 0]);
  });

  it('moves much with back-pressure both ways', async (t) => {
    const bytes = 16 * 1_048_576;
    const { plane } = await arrange(t, (stream) => {
      let seen = 0;
      stream.on('data', (chunk) => {
        seen += chunk.length;
      });
      stream.on('end', () => {
        stream.respond([':status', '200', 'x-seen', String(seen)]);
        stream.end(Buffer.alloc(bytes, 'd'));
      });
    });
    const answer = await ask({ port: plane.port, method: 'PUT', body: 'u'.repeat(bytes) });
    assert.deepEqual([answer.body.length, answer.headers['x-seen']], [bytes, String(bytes)]);
  });

  it('is left for another one when nobody is there, or when it refuses the stream', async (t) => {
    const ok = await startHttp2Upstream(t, (stream) => {
      stream.respond([':status', '200']);
      stream.end('ok');
    });
    const refusing = await startHttp2Upstream(t, (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM));
    const plane = await open(t);
    route(plane, [await deadPort(), refusing.port, ok.port]);
    for (let turn = 0; turn < 6; turn += 1) assert.equal((await ask({ port: plane.port })).body, 'ok');
  });

  it('answers 502 where it speaks something else, or breaks off before an answer', async (t) => {
    const http1 = await startHttpUpstream((_request, response) => response.end('http1'));
    t.after(async () => await http1.close());
    const plane = await open(t);
    route(plane, [http1.port]);
    assert.equal((await ask({ port: plane.port })).status, 502);
    const breaking = await startHttp2Upstream(t, (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    route(plane, [breaking.port]);
    assert.equal((await ask({ port: plane.port })).status, 502);
  });

  it('breaks off, and the client sees it', async (t) => {
    const { plane } = await arrange(t, (stream) => {
      stream.respond([':status', '200']);
      stream.write('half', () => stream.session?.destroy());
    });
    await assert.rejects(ask({ port: plane.port }));
  });

  it('resets the stream of an answer, which is no whole one then', async (t) => {
    for (const [reason, fields] of [
      [constants.NGHTTP2_NO_ERROR, ['content-length', '8']],
      [constants.NGHTTP2_INTERNAL_ERROR, []],
    ] as const) {
      const raw = await startRawUpstream((socket) =>
        speakRawHttp2(socket, (stream) => [
          frameOf([frame.headers, flag.endHeaders, stream], fieldBlock([':status', '200', ...fields])),
          frameOf([frame.data, 0, stream], 'half'),
          frameOf([frame.rstStream, 0, stream], Buffer.from([0, 0, 0, reason])),
        ]),
      );
      t.after(async () => await raw.close());
      const plane = await open(t);
      route(plane, [raw.port]);
      await assert.rejects(ask({ port: plane.port }), `reset with ${reason}`);
    }
  });

  it('learns that a client left', async (t) => {
    const gone = Promise.withResolvers<number>();
    const { plane } = await arrange(t, (stream) => {
      stream.respond([':status', '200']);
      stream.write('begun');
      stream.on('close', () => gone.resolve(stream.rstCode ?? 0));
    });
    const session = await connectHttp2(t, plane.https?.port() ?? 0);
    const stream = openStream(session);
    stream.on('error', () => undefined);
    stream.once('data', () => stream.close(constants.NGHTTP2_CANCEL));
    assert.equal(await gone.promise, constants.NGHTTP2_CANCEL);
    await waitUntil(async () => (await plane.underWay()) === 0);
  });

  it('gets no new request when it leaves service, and its connection ends with the last one', async (t) => {
    const streams: ServerHttp2Stream[] = [];
    const { plane, upstream } = await arrange(t, (stream) => streams.push(stream));
    const first = ask({ port: plane.port });
    await waitUntil(() => streams.length === 1);
    const other = await startHttp2Upstream(t, (stream) => {
      stream.respond([':status', '200']);
      stream.end('other');
    });
    route(plane, [other.port]);
    assert.equal((await ask({ port: plane.port })).body, 'other');
    assert.equal(upstream.sessions.size, 1);
    streams[0]?.respond([':status', '200']);
    streams[0]?.end('late');
    assert.equal((await first).body, 'late');
    await waitUntil(() => upstream.sessions.size === 0);
    assert.equal(streams.length, 1);
  });

  it('is given up when no answer comes in time', async (t) => {
    const { plane } = await arrange(t, () => undefined, { KEDGE_ANSWER_TIMEOUT: '200ms' });
    assert.equal((await ask({ port: plane.port })).status, 504);
  });
});
