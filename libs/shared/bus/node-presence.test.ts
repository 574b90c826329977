import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createNodePresence } from './node-presence.ts';

describe('whether a node is there', () => {
  it('is what its claim says, asked once in five seconds', async () => {
    let now = 0;
    const asked: string[] = [];
    const claims = new Set(['reconciler.there.node']);
    const isPresent = createNodePresence(
      {
        async get(key) {
          asked.push(key);
          return claims.has(key)
            ? { key, value: { holder: 'engine-1', takenAt: '2026-01-01T00:00:00.000Z' }, revision: 1, writtenAt: new Date(0) }
            : null;
        },
      },
      () => now,
    );
    assert.deepEqual(
      [await isPresent('there'), await isPresent('away'), await isPresent('there'), await isPresent('no.name')],
      [true, false, true, false],
    );
    assert.deepEqual(asked, ['reconciler.there.node', 'reconciler.away.node']);
    claims.add('reconciler.away.node');
    now = 4_999;
    assert.equal(await isPresent('away'), false);
    now = 5_000;
    assert.equal(await isPresent('away'), true);
  });

  it('is believed while the store does not answer', async () => {
    const isPresent = createNodePresence({ get: async () => await Promise.reject(new Error('the bus is away')) });
    assert.equal(await isPresent('away'), true);
  });
});
