import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serviceKey } from '@kedge/shared/contracts';
import { createRouteAnnouncer, type RouteAnnouncer } from './announce-routes.ts';
import { createMemory } from './memory.ts';
import type { Clock } from './ports.ts';
import { openStores, type Stores } from './stores.ts';
import { createMemoryBus, createMemoryStore, type MemoryStore } from './testing/memory-bus.ts';
import { target } from './testing/observed.ts';
import { node, web as service } from './testing/simulated-proxies.ts';

const key = serviceKey(node, service);
const fixedClock = clockAt('2026-01-01T00:00:00Z');
const table = { routes: [{ host: 'a.b', path: '/' }], targets: [target('c1'), target('c2', { state: 'draining' })], hold: false };

function clockAt(instant: string): Clock {
  return { now: () => new Date(instant), monotonicMs: () => 0 };
}

/** A process on a store that outlives it; `isDeaf`: it dies before it can say anything. */
function boot(store: MemoryStore, isDeaf = false, clock = fixedClock): { readonly routes: RouteAnnouncer; readonly stores: Stores } {
  const around = async <Result>(name: string, call: () => Result): Promise<Awaited<Result>> => {
    if (isDeaf && name.startsWith('publish')) throw new Error('died');
    return await call();
  };
  const bus = createMemoryBus({ store, node, clock, around });
  const stores = openStores(bus);
  return { stores, routes: createRouteAnnouncer({ bus, stores, clock, memory: createMemory() }) };
}

async function slot(stores: Stores) {
  return { service, key, endpoints: await stores.endpoints.get(key) };
}

describe('a change of routes', () => {
  it('is said with the revision of the entry that it made', async () => {
    const store = createMemoryStore();
    const { routes, stores } = boot(store);
    await routes.write(await slot(stores), { table, rollout: undefined });
    const entry = await stores.endpoints.get(key);
    assert.deepEqual(
      store.events.map(({ id, data }) => ({ id, data })),
      [{ id: `routes.changed/${key}/${entry?.revision}`, data: { revision: `epoch.${entry?.revision}`, ready: 1, draining: 1 } }],
    );
  });

  it('is said once, however often its debt is looked at, and before and after a restart', async () => {
    const store = createMemoryStore();
    const first = boot(store);
    await first.routes.write(await slot(first.stores), { table, rollout: undefined });
    await first.routes.heal(await slot(first.stores), false);
    const second = boot(store);
    await second.routes.heal(await slot(second.stores), false);
    assert.equal(store.events.length, 1);
  });

  it('is said by the next process when the first one died between the write and the event', async () => {
    const store = createMemoryStore();
    const first = boot(store, true);
    await assert.rejects(first.routes.write(await slot(first.stores), { table, rollout: undefined }), /died/);
    assert.equal(store.events.length, 0);
    const second = boot(store);
    await second.routes.heal(await slot(second.stores), false);
    assert.equal(store.events.length, 1);
  });

  it('keeps its revision until nobody waits for a proof about it', async () => {
    const store = createMemoryStore();
    const { routes, stores } = boot(store);
    await routes.write(await slot(stores), { table, rollout: undefined });
    const { endpoints: before } = await slot(stores);
    await routes.heal(await slot(stores), false);
    assert.equal((await slot(stores)).endpoints?.revision, before?.revision);
    await routes.heal(await slot(stores), true);
    const { endpoints: after } = await slot(stores);
    assert.deepEqual([after?.value.owes, after?.value.targets], [undefined, before?.value.targets]);
    assert.equal(store.events.length, 1);
  });

  it('is known to the proxies since it was said, not since it was written', async () => {
    const store = createMemoryStore();
    const first = boot(store, true);
    await assert.rejects(first.routes.write(await slot(first.stores), { table, rollout: undefined }), /died/);
    const later = clockAt('2026-01-01T00:05:00Z');
    const second = boot(store, false, later);
    assert.equal(second.routes.knownSince(await slot(second.stores)), fixedClock.now().getTime());
    await second.routes.heal(await slot(second.stores), false);
    assert.equal(second.routes.knownSince(await slot(second.stores)), later.now().getTime());
  });

  it('is refused when somebody else wrote meanwhile', async () => {
    const store = createMemoryStore();
    const { routes, stores } = boot(store);
    const stale = await slot(stores);
    await routes.write(stale, { table, rollout: undefined });
    await assert.rejects(routes.write(stale, { table, rollout: undefined }), { code: 'WORLD_MOVED' });
    await assert.rejects(
      routes.drop({
        ...(await slot(stores)),
        endpoints: { key, value: { node, service, routes: [], targets: [] }, revision: 99, writtenAt: new Date() },
      }),
      { code: 'WORLD_MOVED' },
    );
  });
});
