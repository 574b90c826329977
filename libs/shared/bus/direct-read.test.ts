import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readDirect } from './direct-read.ts';
import { message, serverOf } from './testing/direct-server.ts';

const batch = { kind: 'batch', stream: 'KV_images', seq: 1, batch: 500 } as const;

describe('a direct read', () => {
  it('gives the messages of the answer in its order', async () => {
    const { manager, asked } = serverOf(() => [message({ seq: 1, key: 'b' }), message({ seq: 2, key: 'a' })]);
    const read = await readDirect(manager, batch);
    assert.deepEqual(
      read.map(({ seq }) => seq),
      [1, 2],
    );
    assert.deepEqual(asked, [{ stream: 'KV_images', seq: 1, batch: 500 }]);
  });

  it('is empty when the server says that there is nothing', async () => {
    const { manager } = serverOf(() => 404);
    assert.deepEqual(await readDirect(manager, batch), []);
    assert.deepEqual(await readDirect(manager, { kind: 'last', stream: 'KV_images', multi_last: ['$KV.images.>'] }), []);
  });

  it('rejects with whatever else the server says', async () => {
    const { manager } = serverOf(() => 413);
    await assert.rejects(readDirect(manager, batch), { code: 413 });
  });
});
