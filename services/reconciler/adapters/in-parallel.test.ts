import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inParallel } from './in-parallel.ts';

describe('work in parallel', () => {
  it('keeps the order, does every item once and never more at once than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.nat()), fc.integer({ min: 1, max: 5 }), async (scheduler, items, limit) => {
        let running = 0;
        let most = 0;
        const double = scheduler.scheduleFunction(async (item: number) => item * 2);
        async function work(item: number): Promise<number> {
          running += 1;
          most = Math.max(most, running);
          const result = await double(item);
          running -= 1;
          return result;
        }
        const working = inParallel(items, { limit, work });
        await scheduler.waitFor(working);
        assert.deepEqual(
          await working,
          items.map((item) => item * 2),
        );
        assert.equal(most, Math.min(limit, items.length));
      }),
    );
  });

  it('fails with the first failure', async () => {
    const work = async (item: number) => (item === 2 ? Promise.reject(new Error('two')) : item);
    await assert.rejects(inParallel([1, 2, 3], { limit: 2, work }), /two/);
  });
});
