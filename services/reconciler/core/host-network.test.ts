import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declared } from '../testing/observed.ts';
import { isOnHostNetwork } from './host-network.ts';

describe('a service on the network of the host', () => {
  const on = (...names: readonly string[]) => declared({ network: names.map((name) => ({ name })) });

  it('is one that declares it', () => {
    assert.deepEqual([declared(), on('back'), on('host')].map(isOnHostNetwork), [false, false, true]);
  });

  it('is on no other', () => {
    assert.throws(() => isOnHostNetwork(on('host', 'back')), { code: 'NETWORK_CONFLICT', message: /and back is declared as well/ });
  });
});
