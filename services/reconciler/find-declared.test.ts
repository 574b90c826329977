import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, manifestKey, serviceKey } from '@kedge/shared/contracts';
import { createDeclaredFinder } from './find-declared.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared } from './testing/observed.ts';
import { node, put, web } from './testing/simulated-proxies.ts';

const clock = { now: () => new Date(0), monotonicMs: () => 0 };
const since = '2026-01-01T00:00:00.000Z';

/** `names`: the hash that the manifest names, or none of the service; null without a manifest. */
async function find(names: string | undefined | null, { written = 'h1', isDown = false } = {}) {
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  await put(stores.services, serviceKey(node, web), { node, spec: declared(), hash: written, path: 'web' });
  const services = names === undefined ? {} : { [web]: names };
  const manifest = { node, revision: 'r', entry: 'kedge.toml', services, delay: 2 };
  if (names !== null) await put(stores.manifests, manifestKey(node), ConfigManifest.parse(manifest));
  const nodeState = { down: async () => (isDown ? { since } : null) };
  return await createDeclaredFinder({ bus, stores, nodeState })(web);
}

describe('a service', () => {
  it('is declared when spec and manifest fit together', async () =>
    assert.deepEqual(await find('h1'), { kind: 'declared', spec: declared() }));
  it('is undeclared when the manifest does not name it', async () => assert.deepEqual(await find(undefined), { kind: 'undeclared' }));
  it('is unsettled while it is being written, or nothing was', async () => {
    assert.equal((await find('h2')).kind, 'unsettled');
    assert.equal((await find(null)).kind, 'unsettled');
  });
  it('is down when everything is, if it is declared at all', async () => {
    assert.equal((await find('h1', { isDown: true })).kind, 'down');
    assert.equal((await find(undefined, { isDown: true })).kind, 'undeclared');
  });
});
