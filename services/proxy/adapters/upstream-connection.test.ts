import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import type { UpstreamRequest } from '../ports.ts';
import { makeExchange, type TestExchange, targetAt } from '../testing/exchange.ts';
import { deadPort } from '../testing/http-upstream.ts';
import { startRawUpstream } from '../testing/raw-http.ts';
import { startStuckUpstream } from '../testing/stuck-upstream.ts';
import { UpstreamConnection } from './upstream-connection.ts';

interface Options {
  readonly lastOne?: boolean;
  readonly request?: Partial<UpstreamRequest>;
}

/** A connection to this port that carries one exchange, and what its pool hears of it. */
function dial(port: number, { lastOne = false, request = {} }: Options = {}) {
  const first = makeExchange(targetAt(port), request);
  const heard: string[] = [];
  const connection: UpstreamConnection = new UpstreamConnection({
    first: first.exchange,
    lastOne,
    target: targetAt(port),
    tls: null,
    connectTimeoutMs: 300,
    answerTimeoutMs: 0,
    readBuffer: Buffer.allocUnsafeSlow(4_096),
    events: {
      onFree: () => void heard.push('free'),
      onClosed: (_connection, again) => void heard.push(again ? 'closed, to be sent again' : 'closed'),
    },
  });
  return { first, heard, connection };
}

async function upstream(t: TestContext, onRequest: (socket: Socket, count: number) => void) {
  const raw = await startRawUpstream((socket) => {
    let count = 0;
    socket.on('data', () => {
      count += 1;
      onRequest(socket, count);
    });
  });
  t.after(async () => await raw.close());
  return raw;
}

async function ended({ outcome }: TestExchange): Promise<string> {
  return await waitUntil(() => outcome());
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('one connection to a target', () => {
  it('is free after an answer that ended where it should, and carries the next one', async (t) => {
    const { port } = await upstream(t, (socket) => socket.write(ok));
    const { first, heard, connection } = dial(port);
    t.after(() => connection.destroy());
    assert.equal(await ended(first), '200 ok');
    const second = makeExchange(targetAt(port));
    connection.carry(second.exchange);
    assert.equal(await ended(second), '200 ok');
    assert.deepEqual([heard, connection.served], [['free', 'free'], 2]);
  });

  it('is not free while the request is still being sent', async (t) => {
    const { port } = await upstream(t, (socket) => socket.write(ok));
    const { first, heard } = dial(port, { request: { method: 'POST', body: 'length', repeatable: false } });
    assert.equal(await ended(first), '200 ok');
    await waitUntil(() => heard.length > 0);
    assert.deepEqual(heard, ['closed']);
  });

  it('closes when bytes come that nobody asked for', async (t) => {
    const { port } = await upstream(t, (socket) => {
      socket.write(ok);
      setImmediate(() => setImmediate(() => socket.write('poison')));
    });
    const { heard } = dial(port);
    await waitUntil(() => heard.includes('closed'));
  });

  it('asks the upstream to close it after the last one', async (t) => {
    const raw = await upstream(t, (socket) => socket.end(ok));
    const { first, heard } = dial(raw.port, { lastOne: true });
    assert.equal(await ended(first), '200 ok');
    await waitUntil(() => heard.length > 0);
    assert.match(raw.received(), /Connection: close\r\n\r\n$/);
    assert.deepEqual(heard, ['closed']);
  });

  it('hands a request back that an upstream may never have read, once', async (t) => {
    const { port } = await upstream(t, (socket, count) => (count === 1 ? socket.write(ok) : socket.destroy()));
    const { first, heard, connection } = dial(port);
    await ended(first);
    const second = makeExchange(targetAt(port));
    connection.carry(second.exchange);
    await waitUntil(() => heard.length === 2);
    assert.deepEqual([heard, second.outcome()], [['free', 'closed, to be sent again'], null]);
    assert.equal(second.exchange.repeated, true);
  });

  it('ends an answer without a length', async (t) => {
    const { port } = await upstream(t, (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'));
    assert.equal(await ended(dial(port).first), '200 hello');
  });

  const failures: readonly (readonly [string, (socket: Socket) => void, string])[] = [
    ['closes without an answer', (socket) => socket.end(), 'no-answer'],
    ['closes within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-'), 'bad-answer'],
    ['closes within the body', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'), 'broken'],
    ['speaks something else', (socket) => socket.write('220 mail.test ESMTP\r\n\r\n'), 'bad-answer'],
  ];
  for (const [what, answer, kind] of failures) {
    it(`fails with ${kind} where the upstream ${what}`, async (t) => {
      const { port } = await upstream(t, answer);
      assert.equal(await ended(dial(port).first), kind);
    });
  }

  it('fails where nobody listens, and says why', async () => {
    const { first } = dial(await deadPort());
    assert.equal(await ended(first), 'unreachable');
    assert.equal(first.failure()?.reason, 'ECONNREFUSED');
  });

  it('fails where nobody takes it in time', async (t) => {
    const stuck = await startStuckUpstream();
    t.after(async () => await stuck.close());
    const { first } = dial(stuck.port);
    assert.equal(await ended(first), 'unreachable');
    assert.equal(first.failure()?.reason, 'connecting took too long');
  });

  it('is given up before it came about, and not after', async (t) => {
    const { port } = await upstream(t, (socket) => socket.write(ok));
    const early = dial(port);
    early.connection.stopConnecting({ kind: 'retired', reason: 'test' });
    assert.equal(await ended(early.first), 'retired');
    const late = dial(port);
    await ended(late.first);
    late.connection.stopConnecting({ kind: 'retired', reason: 'test' });
    assert.equal(late.connection.socket.destroyed, false);
    late.connection.destroy();
  });
});
