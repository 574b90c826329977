import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { waitUntil } from '@kedge/shared/testing';
import { makeExchange, type TestExchange, targetAt } from '../testing/exchange.ts';
import { startRawUpstream } from '../testing/raw-http.ts';
import { type PoolSettings, UpstreamPool } from './upstream-pool.ts';

/** A pool for one upstream that answers when it is told to. */
async function arrange(t: TestContext, settings: Partial<PoolSettings> = {}) {
  const asking: Socket[] = [];
  const upstream = await startRawUpstream((socket) => socket.on('data', () => void asking.push(socket)));
  const target = targetAt(upstream.port);
  let isBusy = false;
  const pool = new UpstreamPool({
    target,
    tls: null,
    settings: { connectTimeoutMs: 5_000, answerTimeoutMs: 0, idleMs: 4_000, connections: 2, queue: 1, ...settings },
    readBuffer: Buffer.allocUnsafeSlow(4_096),
    load: { isBusy: () => isBusy },
  });
  t.after(async () => {
    pool.destroy();
    await upstream.close();
  });
  return {
    pool,
    upstream,
    beBusy(now: boolean): void {
      isBusy = now;
    },
    asked: async (count: number) => await waitUntil(() => asking.length >= count),
    answer: (index: number) => asking[index]?.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    submit(repeatable = true): TestExchange {
      const made = makeExchange(target, { repeatable });
      pool.submit(made.exchange);
      return made;
    },
  };
}

const done = async ({ outcome }: TestExchange) => await waitUntil(() => outcome());

describe('the connections to one target', () => {
  it('are used again for what may be repeated, and fresh ones for what may not', async (t) => {
    const { submit, asked, answer, upstream } = await arrange(t);
    for (const [index, repeatable] of [true, true, false].entries()) {
      const exchange = submit(repeatable);
      await asked(index + 1);
      answer(index);
      assert.equal(await done(exchange), '200 ok');
    }
    assert.equal(upstream.connections(), 2);
  });

  it('are bounded: who comes then waits, and who comes after that is refused', async (t) => {
    const { submit, asked, answer, pool } = await arrange(t);
    const [first, second] = [submit(), submit()];
    const [third, fourth] = [submit(), submit()];
    assert.equal(await done(fourth), 'busy');
    assert.equal(fourth.failure()?.reason, '2 connections taken, 1 request waiting');
    await asked(2);
    assert.equal(pool.size, 2);
    answer(0);
    await asked(3);
    answer(1);
    answer(2);
    assert.deepEqual([await done(first), await done(second), await done(third)], ['200 ok', '200 ok', '200 ok']);
  });

  it('are few while this process has no time to spare, and as many as are asked for when it has, or when somebody waited for long', async (t) => {
    const { submit, asked, answer, pool, beBusy } = await arrange(t, { connections: 70, queue: 10 });
    beBusy(true);
    const begun = Array.from({ length: 65 }, () => submit());
    await asked(64);
    assert.equal(pool.size, 64);
    answer(0);
    await asked(65);
    assert.equal(pool.size, 64, 'the one that was free took it');
    beBusy(false);
    begun.push(submit());
    assert.equal(pool.size, 65);
    await asked(66);
    beBusy(true);
    begun.push(submit());
    assert.equal(pool.size, 65);
    await asked(67);
    assert.equal(pool.size, 66);
    for (let index = 1; index < 67; index += 1) answer(index);
    for (const exchange of begun) assert.equal(await done(exchange), '200 ok');
  });

  it('are more where answers do not come to an end', async (t) => {
    const { submit, asked, pool, beBusy } = await arrange(t, { connections: 100, queue: 10 });
    beBusy(true);
    for (let count = 0; count < 64; count += 1) submit();
    await asked(64);
    pool.sweep(performance.now());
    submit();
    assert.equal(pool.size, 64);
    pool.sweep(performance.now() + 500);
    submit();
    assert.equal(pool.size, 65);
  });

  it('have no place in the queue for clients that left', async (t) => {
    const { submit } = await arrange(t, { connections: 1, queue: 2 });
    submit();
    for (const { exchange } of [submit(), submit()]) exchange.abort();
    const [third, fourth] = [submit(), submit()];
    const fifth = submit();
    assert.equal(fifth.outcome(), 'busy');
    assert.deepEqual([third.outcome(), fourth.outcome()], [null, null]);
  });

  it('make room for a fresh one by closing the one that was idle the longest', async (t) => {
    const { submit, asked, answer, pool, upstream } = await arrange(t, { connections: 1 });
    const first = submit();
    await asked(1);
    answer(0);
    await done(first);
    const fresh = submit(false);
    await asked(2);
    answer(1);
    assert.equal(await done(fresh), '200 ok');
    assert.deepEqual([pool.size, upstream.connections()], [1, 2]);
  });

  it('close when they were idle for too long', async (t) => {
    const { submit, asked, answer, pool } = await arrange(t);
    const first = submit();
    await asked(1);
    answer(0);
    await done(first);
    pool.sweep(performance.now());
    assert.equal(pool.size, 1);
    pool.sweep(performance.now() + 4_000);
    await waitUntil(() => pool.size === 0);
  });

  it('end with their request when the target leaves service; who waits for one looks elsewhere', async (t) => {
    const { submit, asked, answer, pool } = await arrange(t, { connections: 1 });
    const [underWay, waiting] = [submit(), submit()];
    await asked(1);
    pool.retire();
    assert.equal(await done(waiting), 'retired');
    answer(0);
    assert.equal(await done(underWay), '200 ok');
    await waitUntil(() => pool.size === 0);
  });
});
