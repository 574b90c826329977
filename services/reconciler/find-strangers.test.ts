import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createStrangerFinder } from './find-strangers.ts';
import { container, declared, service } from './testing/observed.ts';
import { node } from './testing/simulated-proxies.ts';

const foreign = (id: string, name: string) => ({ ...container({ id, name, networks: ['dispenser'] }), kedge: null });
const port = { host: 8080, protocol: 'tcp' as const, hostIp: '0.0.0.0' };
const spec = declared({ port: [{ host: 8080, container: 80 }] });

function find(listed: readonly ReturnType<typeof foreign>[], holders: Readonly<Record<string, { node: string; service: string } | null>>) {
  const engine = {
    list: async () => [container(), ...listed],
    inspect: async (id: string) => foreign(id, `name-of-${id}`),
    published: async () => Object.entries(holders).map(([id, owner]) => ({ container: id, name: id, owner, ...port })),
  };
  return createStrangerFinder({ bus: { node }, engine })([{ service, spec }]);
}

describe('strangers', () => {
  it('are those under the name or on a port of a service, each once, and nobody else', async () => {
    const found = await find([foreign('f1', 'web'), foreign('f2', 'other')], { f1: null, f3: null, own: { node, service: 'web' } });
    assert.deepEqual(
      found.map(({ id, container: name, because, networks, running }) => [id, name, because, networks, running]),
      [
        ['f1', 'web', 'name', ['dispenser'], true],
        ['f3', 'name-of-f3', 'port', ['dispenser'], true],
      ],
    );
  });

  it('are none where everything is ours', async () => assert.deepEqual(await find([], { own: { node, service: 'web' } }), []));
});
