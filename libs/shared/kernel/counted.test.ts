import assert from 'node:assert/strict';
import { it } from 'node:test';
import { counted } from './counted.ts';

it('counts one thing as one', () => {
  assert.deepEqual(
    [0, 1, 2].map((amount) => counted(amount, 'image')),
    ['0 images', '1 image', '2 images'],
  );
});
