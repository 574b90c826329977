import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveHost } from './resolve-host.ts';

describe('looking a host up', () => {
  it('gives its addresses', async () => {
    const found = await resolveHost('localhost');
    assert.ok('addresses' in found && found.addresses.some((address) => address === '127.0.0.1' || address === '::1'));
  });

  it('says why there is none', async () => {
    // No label may be this long (RFC 1035 §2.3.4): nobody has to be asked.
    const found = await resolveHost(`${'a'.repeat(64)}.test`);
    assert.ok('problem' in found && found.problem.length > 0);
  });
});
