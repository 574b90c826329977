import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFairQueue } from './fair-queue.ts';

describe('a fair queue', () => {
  it('lets clients take turns, and takes so much of each and of all', async () => {
    const queue = createFairQueue({ running: 1, perClient: 3, all: 5 });
    const order: string[] = [];
    const ask = (client: string) => queue.run(client, async () => await Promise.resolve(order.push(client)));
    const asked = ['a', 'a', 'a', 'a', 'b', 'c', 'd'].map(ask);
    assert.deepEqual(
      asked.map((each) => each !== null),
      [true, true, true, false, true, true, false],
    );
    await Promise.all(asked.filter((each) => each !== null));
    assert.deepEqual(order, ['a', 'a', 'b', 'c', 'a']);
    assert.ok(ask('a'), 'there is room again');
  });

  it('goes on after work that failed', async () => {
    const queue = createFairQueue({ running: 1, perClient: 1, all: 5 });
    await assert.rejects(queue.run('a', async () => await Promise.reject(new Error('failed'))) ?? Promise.resolve());
    assert.equal(await queue.run('a', async () => await Promise.resolve('done')), 'done');
  });
});
