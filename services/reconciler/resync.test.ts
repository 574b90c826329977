import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, manifestKey, RunRecord, runKey, ServiceName } from '@kedge/shared/contracts';
import { hashJson, RetryableError } from '@kedge/shared/kernel';
import { createResync } from './resync.ts';
import { createRunLedger } from './run-ledger.ts';
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
  const ledger = createRunLedger({ bus, stores });
  return { woken, stores, ledger, resync: createResync({ bus, stores, engine, ledger, wake, ensureNetwork, networks: { keep } }) };
}

describe('a look at everything', () => {
  it('wakes every declared service', async () => {
    const { resync, woken } = await openResync(async () => undefined);
    assert.deepEqual([...(await resync())].toSorted(), ['db', 'web']);
    assert.deepEqual(woken.toSorted(), ['db', 'web']);
  });

  it('wakes a service of which a claimed run is all that is left, so that somebody tells how it ended', async () => {
    const { resync, woken, stores, ledger } = await openResync(async () => undefined);
    const run = { node, service: ServiceName.parse('job'), instant: clock.now().toISOString(), state: 'claimed' as const };
    await put(stores.runs, runKey(run), RunRecord.parse(run));
    await ledger.load();
    assert.deepEqual([...(await resync())].toSorted(), ['db', 'job', 'web']);
    assert.deepEqual(woken.toSorted(), ['db', 'job', 'web']);
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
