import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyRecord, serviceKey } from '@kedge/shared/contracts';
import { createMemory } from './memory.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { target } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { worldNow, worldOf } from './testing/world.ts';
import { createProxyWatch } from './watch-proxies.ts';

function stage() {
  let mono = 0;
  const clock = { now: () => new Date(worldNow), monotonicMs: () => mono };
  const bus = { ...createMemoryBus({ store: createMemoryStore(), node, clock }), connectedForMs: () => mono };
  const stores = openStores(bus);
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  const watch = createProxyWatch({ bus, stores, engine, clock, memory: createMemory(), lostAfterMs: 60_000 });
  async function beat(instance: string, changes: Record<string, unknown> = {}): Promise<void> {
    const at = new Date(worldNow).toISOString();
    const record = {
      node,
      instance,
      container: null,
      startedAt: at,
      heartbeatAt: at,
      beats: 1,
      goodbye: false,
      applied: {},
      open: {},
      ...changes,
    };
    await put(stores.proxies, `${node}.${instance}`, ProxyRecord.parse(record));
  }
  return {
    stores,
    watch,
    beat,
    later(ms: number) {
      mono += ms;
    },
    states: async () => (await watch.states()).map(({ record, state }) => `${record.instance} ${state}`).toSorted(),
  };
}

describe('a proxy', () => {
  it('counts until it was silent for long, while we could have heard it', async () => {
    const { beat, later, states } = stage();
    await beat('p1');
    assert.deepEqual(await states(), ['p1 live']);
    later(20_000);
    assert.deepEqual(await states(), ['p1 silent']);
    await beat('p1', { beats: 2 });
    assert.deepEqual(await states(), ['p1 live']);
    later(60_000);
    assert.deepEqual(await states(), ['p1 gone']);
  });

  it('is gone at its own word, and when its container is', async () => {
    const { beat, states } = stage();
    await beat('p1', { goodbye: true });
    await beat('p2', { container: 'c'.repeat(64) });
    await beat('p3');
    assert.deepEqual(await states(), ['p1 gone', 'p2 gone', 'p3 live']);
  });
});

describe('the proof that requests ended', () => {
  it('is asked of every proxy that counts, and of nobody where nothing drains', async () => {
    const { beat, stores, watch } = stage();
    await beat('p1');
    await beat('p2', { goodbye: true });
    const key = serviceKey(node, web);
    const routes = [{ host: 'a.b', path: '/' }];
    await put(stores.endpoints, key, { node, service: web, routes, targets: [target('c1', { state: 'draining' })] });
    const proof = await watch.prove(worldOf({ endpoints: await stores.endpoints.get(key) }));
    assert.deepEqual([proof?.applied, proof?.waitingFor], [false, ['p1']]);
    await put(stores.endpoints, key, { node, service: web, routes, targets: [target('c1')] });
    assert.equal(await watch.prove(worldOf({ endpoints: await stores.endpoints.get(key) })), null);
    assert.equal(await watch.prove(worldOf()), null);
  });
});
