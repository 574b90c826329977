import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { mapAtOnce } from './map-at-once.ts';

describe('mapAtOnce', () => {
  it('keeps the order, and does no more at once than it may', async () => {
    let busy = 0;
    let most = 0;
    const made = await mapAtOnce([5, 1, 4, 2, 3], 2, async (item) => {
      busy += 1;
      most = Math.max(most, busy);
      for (let turn = 0; turn < item; turn += 1) await setImmediate();
      busy -= 1;
      return item * 10;
    });
    assert.deepEqual([made, most], [[50, 10, 40, 20, 30], 2]);
  });

  it('makes nothing of nothing', async () => assert.deepEqual(await mapAtOnce([], 3, async () => 1), []));

  it('rejects with the first failure, and begins nothing after it', async () => {
    const begun: number[] = [];
    const work = async (item: number) => {
      begun.push(item);
      await setImmediate();
      if (item === 1) throw new Error('no');
    };
    await assert.rejects(mapAtOnce([1, 2, 3, 4, 5], 2, work), { message: 'no' });
    await setImmediate();
    await setImmediate();
    assert.deepEqual(begun, [1, 2]);
  });
});
