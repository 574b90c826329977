import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createForgetter } from './forget-service.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { recordOf, worldOf } from './testing/world.ts';

describe('what was remembered of a service', () => {
  it('goes in an order that leaves the record to whoever comes after a death', async () => {
    const order: string[] = [];
    async function around<Result>(name: string, call: () => Result): Promise<Awaited<Result>> {
      if (name.endsWith('.delete')) order.push(name);
      return await call();
    }
    const stores = openStores(
      createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(0), monotonicMs: () => 0 }, around }),
    );
    const { key, value } = recordOf({});
    await put(stores.releases, key, value);
    await put(stores.bars, key, { node, service: web, bars: [] });
    await put(stores.endpoints, key, { node, service: web, routes: [], targets: [] });
    const forget = createForgetter(stores, async () => void order.push('runs'));
    const read = async () => ({
      record: await stores.releases.get(key),
      bars: await stores.bars.get(key),
      endpoints: await stores.endpoints.get(key),
    });
    await forget(worldOf(await read()));
    assert.deepEqual(order, ['endpoints.delete', 'bars.delete', 'runs', 'releases.delete']);
    assert.deepEqual(await read(), { record: null, bars: null, endpoints: null });
  });

  it('may be nothing', async () => {
    const stores = openStores(
      createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(0), monotonicMs: () => 0 } }),
    );
    await createForgetter(stores, async () => undefined)(worldOf());
  });
});
