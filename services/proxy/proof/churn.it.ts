import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { WebSocket } from 'ws';
import type { Weight } from '../testing/churned-proxy.ts';
import { ask } from '../testing/http-client.ts';
import { startLoadUpstream } from '../testing/load-upstream.ts';
import { isLong } from '../testing/sample.ts';
import { forAll } from '../testing/send-pieces.ts';

const rounds = isLong ? 1_000 : 100;
/** Of each round, one after a swap. */
const connectionsEach = 20;
/** Until everything was compiled, and tables have their size. */
const warmUp = 100;
/** A leak of 200 bytes for each connection would be more; of 500 in a short run. */
const marginBytes = isLong ? 4_000_000 : 1_000_000;
const patient = { timeoutMs: 60_000 };

/** Ways to come and go. */
const visits: readonly ((port: number) => Promise<void>)[] = [
  async (port) => void (await ask({ port, headers: { 'x-mark': 'a', connection: 'close' } })),
  async (port) => void (await ask({ port, method: 'POST', path: '/upload', body: 'x'.repeat(20_000) })),
  async (port) => void (await ask({ port, path: '/sse' })),
  async (port) => void (await ask({ port, host: 'nobody.test' })),
  async (port) => await leave(port, 'GET / HTTP/1.1\r\nHost: web.test\r\n'),
  async (port) => await leave(port, 'GET /hang HTTP/1.1\r\nHost: web.test\r\n\r\n'),
  async (port) => await leave(port, 'POST / HTTP/1.1\r\nHost: web.test\r\nContent-Length: 9\r\n\r\npart'),
  async (port) => await leave(port, 'no request\r\n\r\n'),
  async (port) => await leave(port, ''),
  talk,
];

/** Says something and is gone. */
async function leave(port: number, bytes: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('connect', () => socket.write(bytes === '' ? '\r\n' : bytes, () => socket.destroy()));
  await closed;
}

async function talk(port: number): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host: 'ws.test' } });
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  socket.on('open', () => socket.send('hello'));
  socket.on('message', () => socket.close());
  await closed;
}

async function startChurned(t: TestContext) {
  const upstream = await startLoadUpstream();
  const child = fork(join(import.meta.dirname, '../testing/churned-proxy.ts'), [String(upstream.port)], { execArgv: ['--expose-gc'] });
  t.after(async () => {
    child.kill('SIGKILL');
    await upstream.close();
  });
  const [port] = (await once(child, 'message')) as [number];
  const say = async (what: number | 'weigh') => {
    const heard = once(child, 'message');
    child.send(what);
    const [answer] = await heard;
    return answer as unknown;
  };
  return { port, swap: async (number: number) => void (await say(number)), weigh: async () => (await say('weigh')) as Weight };
}

describe('a proxy with much coming and going', () => {
  it(`holds nothing of ${rounds * connectionsEach} connections and ${rounds} tables that are gone`, async (t) => {
    const proxy = await startChurned(t);
    let number = 0;
    const churn = async (times: number) => {
      for (let round = 0; round < times; round += 1) {
        number += 1;
        await proxy.swap(number);
        const all = Array.from({ length: connectionsEach }, (_, index) => visits[index % visits.length] ?? talk);
        await forAll(all, async (visit) => await visit(proxy.port));
      }
    };
    /** What it weighs when nobody is there any more. */
    const rest = async () =>
      await waitUntil(async () => {
        const weight = await proxy.weigh();
        return weight.connections === 0 && weight.underWay === 0 && !weight.resources.includes('TCPSocketWrap') ? weight : null;
      }, patient);

    await churn(warmUp);
    const before = await rest();
    await churn(rounds);
    const after = await rest();
    const grown = after.heapBytes - before.heapBytes;
    t.diagnostic(`heap ${before.heapBytes} and ${after.heapBytes} bytes, ${before.descriptors} and ${after.descriptors} descriptors`);
    assert.deepEqual([after.descriptors, after.resources], [before.descriptors, before.resources]);
    assert.ok(grown < marginBytes, `the heap grew by ${grown} bytes`);
  });
});
