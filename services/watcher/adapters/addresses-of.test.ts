import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressesOf } from './addresses-of.ts';

describe('addresses of a host', () => {
  for (const [url, addresses] of [
    ['http://192.0.2.1:5000/v2/', ['192.0.2.1']],
    ['https://[2001:db8::1]/', ['2001:db8::1']],
    ['https://no-such-name.invalid/', []],
  ] as const) {
    it(`of ${url} are ${addresses.join() || 'none'}`, async () => assert.deepEqual(await addressesOf(new URL(url)), addresses));
  }

  it('of this machine are on its loopback', async () => {
    const found = await addressesOf(new URL('http://localhost:5000/'));
    assert.ok(found.length > 0);
    for (const address of found) assert.match(address, /^(127\.|::1$)/);
  });
});
