import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { withHttpUpstream } from './testing/arrange.ts';
import { endpoints } from './testing/endpoints.ts';

/** A paused service, and clients who ask it; `lift` ends the pause. */
async function paused(t: TestContext, limit = 100) {
  const asked: string[] = [];
  const { plane, upstream } = await withHttpUpstream(
    t,
    (request, response) => {
      request.resume();
      request.on('end', () => {
        asked.push(request.url ?? '');
        response.end();
      });
    },
    { KEDGE_HOLD_TIMEOUT: '1s' },
  );
  const rule = (rules: Readonly<Record<string, unknown>>) =>
    plane.route([endpoints('web', [{ id: 'c1', port: upstream.port }], { rules })]);
  rule({ pause: { timeout_ms: 60_000, limit } });
  const send = (path: string, { method = 'POST', bytes = 0, announced = 0, from = '127.0.0.1', behind = '' } = {}) => {
    const socket = connect({ port: plane.port, host: '127.0.0.1', localAddress: from }).on('error', () => undefined);
    t.after(() => socket.destroy());
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    const length = bytes > 0 ? `Content-Length: ${Math.max(announced, bytes)}\r\n` : '';
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: web.test\r\n${length}\r\n${'x'.repeat(bytes)}${behind}`);
    return { socket, status: () => answer.slice(9, 12) };
  };
  return { plane, asked, send, lift: () => rule({}) };
}

describe('a request in a pause', { concurrency: true }, () => {
  const behind = `POST /behind HTTP/1.1\r\nHost: web.test\r\nContent-Length: 9000000\r\n\r\n${'x'.repeat(900_000)}`;

  it('waits to its end where its client would be heard leaving, and else as long as in a hold', async (t) => {
    const { plane, asked, send, lift } = await paused(t);
    const heard = [
      send('/get', { method: 'GET' }),
      send('/part', { bytes: 1_000, announced: 2_000 }),
      send('/whole', { bytes: 900_000 }),
      send('/line', { method: 'GET', behind: 'GET /next HTTP/1.1\r\nHost: web.test\r\n\r\n' }),
    ];
    await waitUntil(async () => (await plane.underWay()) === heard.length);
    const deaf = [send('/large', { bytes: 3_000_000 }), send('/get', { method: 'GET', behind })];
    await waitUntil(() => deaf.every(({ status }) => status() === '503'));
    // Those who came before them were looked at before them.
    assert.deepEqual(
      heard.map(({ status }) => status()),
      ['', '', '', ''],
    );
    heard[1]?.socket.write('x'.repeat(1_000));
    lift();
    await waitUntil(() => heard.every(({ status }) => status() === '200'));
    await waitUntil(() => asked.length === 5);
    assert.deepEqual(asked.toSorted(), ['/get', '/line', '/next', '/part', '/whole']);
  });

  it('is not carried out for who left with more behind it', async (t) => {
    const { plane, asked, send, lift } = await paused(t);
    const takers = Array.from({ length: 5 }, () => send('/it', { method: 'DELETE', behind }));
    await waitUntil(async () => (await plane.underWay()) === 5);
    for (const { socket } of takers) socket.resetAndDestroy();
    await waitUntil(async () => (await plane.underWay()) === 0);
    const next = send('/next');
    await waitUntil(async () => (await plane.underWay()) === 1);
    lift();
    await waitUntil(() => next.status() === '200');
    assert.deepEqual(asked, ['/next']);
  });

  it('with a body waits to its end, however many large ones others sent, and a small one beside large ones of its own client', async (t) => {
    const { plane, send, lift } = await paused(t);
    const large = Array.from({ length: 70 }, (_, index) => send(`/${index}`, { bytes: 1_048_575 }));
    await waitUntil(async () => (await plane.underWay()) === large.length);
    const heard = [send('/small', { bytes: 5 }), send('/other', { bytes: 900_000, from: '127.0.0.2' })];
    const refused = () => large.filter(({ status }) => status() === '503').length;
    await waitUntil(async () => (await plane.underWay()) + refused() === large.length + heard.length && refused() > 0);
    const last = send('/last', { bytes: 3_000_000 });
    await waitUntil(() => last.status() === '503');
    assert.deepEqual(
      heard.map(({ status }) => status()),
      ['', ''],
    );
    lift();
    await waitUntil(() => heard.every(({ status }) => status() === '200'));
  });

  it('keeps its place before those that came later, however often it was looked at', async (t) => {
    const { plane, send } = await paused(t, 3);
    const first = send('/1', { method: 'GET' });
    await waitUntil(async () => (await plane.underWay()) === 1);
    const deaf = send('/deaf', { bytes: 3_000_000 });
    await waitUntil(() => deaf.status() === '503');
    const second = send('/2', { method: 'GET' });
    await waitUntil(async () => (await plane.underWay()) === 2);
    const third = send('/3', { method: 'GET' });
    await waitUntil(async () => (await plane.underWay()) === 3);
    send('/other', { method: 'GET', from: '127.0.0.2' });
    await waitUntil(() => third.status() === '503');
    assert.deepEqual([first.status(), second.status()], ['', '']);
  });
});
