import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { endpoints } from '../testing/endpoints.ts';
import { startHttpUpstream } from '../testing/http-upstream.ts';
import { type RawUpstream, startRawUpstream } from '../testing/raw-http.ts';
import { brokenBodies, refusedRequests, smuggled, soundRequests } from '../testing/refused-requests.ts';
import { seed, someUpTo } from '../testing/sample.ts';
import { cutAt, eachByte, forAll, sendPieces } from '../testing/send-pieces.ts';
import { startDataPlane, type TestDataPlane } from '../testing/start-data-plane.ts';

/** What cannot wait for the answer to a request before it: its end is not certain, or it wants the connection. */
const costTheConnection = new Set([
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: identity',
  'a Transfer-Encoding in quotes',
  'CONNECT',
]);

/** Whole, byte by byte, and in two pieces: of all places where it could be cut, a short run takes some. */
function waysToSend(bytes: string): readonly (readonly string[])[] {
  return [[bytes], eachByte(bytes), ...someUpTo(bytes.length - 1, 6).map((at) => cutAt(bytes, at))];
}

function answersIn(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** An upstream that reads strictly, and writes down what it was asked. */
async function record(t: TestContext): Promise<{ readonly port: number; readonly asked: string[] }> {
  const asked: string[] = [];
  const upstream = await startHttpUpstream((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => {
      body += bytes.toString('latin1');
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`);
      response.end('ok');
    });
  });
  t.after(async () => await upstream.close());
  return { port: upstream.port, asked };
}

describe(`requests that must not reach an upstream (KEDGE_TEST_SEED=${seed})`, () => {
  let plane: TestDataPlane;
  let upstream: RawUpstream;
  before(async () => {
    upstream = await startRawUpstream((socket) => socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')));
    plane = await startDataPlane();
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
  });
  after(async () => {
    await plane.close();
    await upstream.close();
  });

  for (const { what, bytes, status } of refusedRequests) {
    it(`are refused, however they are cut, with all that stands behind them: ${what}`, async () => {
      const before = upstream.received().length;
      await forAll(waysToSend(`${bytes}${smuggled}`), async (pieces) => {
        const answers = answersIn(await sendPieces(plane.port, pieces));
        assert.ok(answers.length === 1 && status.includes(answers[0] ?? 0), `${answers.join()} for ${JSON.stringify(pieces.slice(0, 2))}`);
        assert.equal(upstream.received().slice(before), '', `the upstream saw something of ${JSON.stringify(pieces.slice(0, 2))}`);
      });
    });
  }

  for (const { what, bytes, status } of refusedRequests) {
    it(`are refused behind a request in order, and are never its answer: ${what}`, async (t) => {
      const { port, asked } = await record(t);
      const sent = `GET /first HTTP/1.1\r\nHost: recorded.test\r\n\r\n${bytes}${smuggled}`;
      plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }]), endpoints('recorded', [{ id: 'c2', port }])]);
      const answers = answersIn(await sendPieces(plane.port, [sent]));
      if (costTheConnection.has(what)) {
        assert.deepEqual(answers, []);
        return;
      }
      assert.ok(answers.length === 2 && answers[0] === 200 && status.includes(answers[1] ?? 0), answers.join());
      assert.deepEqual(asked, ['GET /first ']);
    });
  }
});

describe(`bodies that are no chunks (KEDGE_TEST_SEED=${seed})`, () => {
  for (const [what, body] of brokenBodies) {
    it(`never look complete to an upstream, however they are cut: ${what}`, async (t) => {
      const open = new Set<Socket>();
      const upstream = await startRawUpstream((socket) => {
        open.add(socket);
        socket.on('close', () => open.delete(socket));
      });
      const plane = await startDataPlane();
      t.after(async () => {
        await plane.close();
        await upstream.close();
      });
      plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }])]);
      const sent = `POST / HTTP/1.1\r\nHost: web.test\r\nTransfer-Encoding: chunked\r\n\r\n${body}${smuggled}`;
      await forAll(waysToSend(sent), async (pieces) => assert.deepEqual(answersIn(await sendPieces(plane.port, pieces)), [400]));
      await waitUntil(() => open.size === 0, { what: 'the end of all connections to the upstream' });
      assert.doesNotMatch(upstream.received(), /smuggled|(?:^|\n)0\r\n/);
    });
  }
});

describe(`requests that look strange (KEDGE_TEST_SEED=${seed})`, () => {
  for (const [what, bytes] of soundRequests) {
    it(`are one request, however they are cut, and the next one is the next: ${what}`, async (t) => {
      const { port, asked } = await record(t);
      const plane = await startDataPlane();
      t.after(async () => await plane.close());
      plane.route([endpoints('web', [{ id: 'c1', port }])]);
      const method = bytes.trimStart().slice(0, bytes.trimStart().indexOf(' '));
      const body = bytes.includes('abc') || bytes.includes('\nc\r') ? 'abc' : '';
      const sent = `${bytes}GET /next HTTP/1.1\r\nHost: web.test\r\nConnection: close\r\n\r\n`;
      for (const pieces of waysToSend(sent)) {
        assert.deepEqual(answersIn(await sendPieces(plane.port, pieces, true)), [200, 200]);
        assert.deepEqual(asked.splice(0), [`${method} / ${body}`, 'GET /next ']);
      }
    });
  }
});
