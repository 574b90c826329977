import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, manifestKey, type OwedEvent, serviceKey } from '@kedge/shared/contracts';
import { createMemory } from './memory.ts';
import { createObserver } from './observe-service.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared, rolloutTo } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { recordOf, worldNow } from './testing/world.ts';

const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
const since = new Date(worldNow).toISOString();

async function stage({ names = 'h', isDown = false }: { readonly names?: string | null; readonly isDown?: boolean } = {}) {
  const store = createMemoryStore();
  const bus = createMemoryBus({ store, node, clock });
  const stores = openStores(bus);
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  await put(stores.services, serviceKey(node, web), { node, spec: declared(), hash: 'h', path: 'web' });
  const manifest = { node, revision: 'r', entry: 'kedge.toml', services: names === null ? {} : { [web]: names }, delay: 2 };
  await put(stores.manifests, manifestKey(node), ConfigManifest.parse(manifest));
  const nodeState = { down: async () => (isDown ? { since } : null) };
  const observe = createObserver({ bus, stores, engine, clock, memory: createMemory(), nodeState });
  return { stores, engine, events: store.events, look: async () => await observe(web) };
}

describe('the world of a service', () => {
  it('has what is declared', async () => {
    const world = await (await stage()).look();
    assert.deepEqual([world?.spec, world?.containers, world?.record, world?.now], [declared(), [], null, worldNow]);
  });

  it('is none while its parts do not fit together yet', async () => {
    assert.equal(await (await stage({ names: 'newer' })).look(), null);
    const { stores, look } = await stage();
    const manifest = await stores.manifests.get(manifestKey(node));
    await stores.manifests.delete(manifestKey(node), manifest?.revision ?? 0);
    assert.equal(await look(), null);
  });

  it('has nothing declared when nothing is, and while everything is down', async () => {
    assert.equal((await (await stage({ names: null })).look())?.spec, null);
    const world = await (await stage({ isDown: true })).look();
    assert.deepEqual([world?.spec, world?.down], [null, { since }]);
  });

  it('knows a stranger under its name', async () => {
    const { engine, look } = await stage();
    engine.addForeign('web');
    engine.addForeign('other');
    const world = await look();
    assert.deepEqual([world?.foreign?.name, world?.containers], ['web', []]);
  });

  it('owes nothing: what an earlier life had to say is said before', async () => {
    const { stores, events, look } = await stage();
    const rollout = rolloutTo('v2');
    const { id, release, image, digest } = rollout;
    const data = { rollout: id, release, image, digest, step: 'switched', message: '' };
    const owed: OwedEvent = { subject: 'deploy.progressed', time: since, service: web, data };
    await put(stores.releases, serviceKey(node, web), { ...recordOf({ rollout }).value, owes: [owed] });
    const world = await look();
    assert.deepEqual([world?.record?.value.owes, events.map(({ type }) => type)], [undefined, ['deploy.progressed.v1']]);
  });
});
