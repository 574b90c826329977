import assert from 'node:assert/strict';
import { it } from 'node:test';
import { keepNewest } from './recent.ts';

it('of recent events the newest are kept, and no more than fit', () => {
  const items = [1, 2, 3, 4, 5];
  keepNewest(items, 5);
  assert.deepEqual(items, [1, 2, 3, 4, 5]);
  keepNewest(items, 2);
  assert.deepEqual(items, [4, 5]);
});
