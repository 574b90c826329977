import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, manifestKey } from '@kedge/shared/contracts';
import { hashJson, RetryableError } from '@kedge/shared/kernel';
import { createResync } from './resync.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, put } from './testing/simulated-proxies.ts';

const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => 0 };

async function openResync(ensureNetwork: () => Promise<void>, keep: () => Promise<void> = async () => undefined) {
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  const woken: string[] = [];
  const services = { db: hashJson('db'), web: hashJson('web') };
  const manifest = ConfigManifest.parse({ node, revision: 'r1', entry: 'kedge.toml', services, delay: 2 });
  await put(stores.manifests, manifestKey(node), manifest);
  const wake = (service: string) => woken.push(service);
  return { woken, resync: createResync({ bus, stores, engine, wake, ensureNetwork, networks: { keep } }) };
}

describe('a look at everything', () => {
  it('wakes every declared service', async () => {
    const { resync, woken } = await openResync(async () => undefined);
    assert.deepEqual([...(await resync())].toSorted(), ['db', 'web']);
    assert.deepEqual(woken.toSorted(), ['db', 'web']);
  });

  it('wakes them all the same when the default network cannot be made, and says so in the end', async () => {
    const { resync, woken } = await openResync(() => Promise.reject(new RetryableError('ENGINE_ERROR', 'no free subnet')));
    await assert.rejects(resync(), { code: 'ENGINE_ERROR', message: 'no free subnet' });
    assert.deepEqual(woken.toSorted(), ['db', 'web']);
  });

  it('wakes them when a declared network makes trouble, too', async () => {
    const { resync, woken } = await openResync(
      async () => undefined,
      () => Promise.reject(new RetryableError('NETWORK_IN_USE', 'somebody is on it')),
    );
    await assert.rejects(resync(), { code: 'NETWORK_IN_USE' });
    assert.deepEqual(woken.toSorted(), ['db', 'web']);
  });
});
