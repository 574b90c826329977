import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createNamer } from './name-container.ts';
import type { ContainerEngine } from './ports.ts';
import { container } from './testing/observed.ts';
import { worldOf } from './testing/world.ts';

describe('the name of a service', () => {
  async function name(isNamed: boolean, given: ReturnType<typeof container>) {
    const asked: Parameters<ContainerEngine['setAliases']>[] = [];
    const engine = { setAliases: async (...call: Parameters<ContainerEngine['setAliases']>) => void asked.push(call) };
    await createNamer({ engine, networkName: () => 'kedge' })(worldOf({ containers: [given] }), { id: 'c1', isNamed });
    return asked[0];
  }

  it('is given and taken on every network that the container belongs on, at the address that it was made with', async () => {
    const given = container({ address: null, kedge: { address: '10.0.0.9', networks: ['db'] } });
    const network = { name: 'kedge', address: '10.0.0.9', others: ['db'] };
    assert.deepEqual(await name(true, given), ['c1', { ...network, aliases: ['web'] }]);
    assert.deepEqual(await name(false, given), ['c1', { ...network, aliases: [] }]);
  });

  it('is nobody’s who has no address', async () => {
    await assert.rejects(name(true, container({ address: null, kedge: { address: null } })), { code: 'CONTAINER_GONE' });
    await assert.rejects(name(true, container({ id: 'other' })), { code: 'CONTAINER_GONE' });
  });
});
