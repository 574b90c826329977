import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { silentLog } from '@kedge/shared/testing';
import { createNodeState } from './node-state.ts';
import { type AddressRest, createAddressRest } from './rest-addresses.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore, type MemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

describe('addresses that left service', () => {
  let nowMs: number;
  let store: MemoryStore;
  const clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs };
  const stage = () => {
    const bus = createMemoryBus({ store, node, clock });
    const stores = openStores(bus);
    return { bus, stores, rest: createAddressRest({ bus, stores, clock }) };
  };
  const resting = async (rest: AddressRest) => (await rest.resting()).map(({ address }) => address);

  beforeEach(() => {
    nowMs = Date.parse('2026-01-01T00:00:00Z');
    store = createMemoryStore();
  });

  it('rest for ten minutes, also for the process that comes next', async () => {
    await stage().rest.retire('10.0.0.2');
    nowMs += 300_000;
    await stage().rest.retire('10.0.0.3');
    assert.deepEqual(await resting(stage().rest), ['10.0.0.2', '10.0.0.3']);
    nowMs += 301_000;
    assert.deepEqual(await resting(stage().rest), ['10.0.0.3']);
  });

  it('begin to rest anew, and once, when they leave again', async () => {
    const { rest } = stage();
    await rest.retire('10.0.0.2');
    nowMs += 300_000;
    await rest.retire('10.0.0.2');
    nowMs += 301_000;
    assert.deepEqual(await resting(rest), ['10.0.0.2']);
  });

  it('are kept by whoever writes something else about the node, and keep it', async () => {
    const { bus, stores, rest } = stage();
    const state = createNodeState({ bus, stores, clock, log: silentLog() });
    await rest.retire('10.0.0.2');
    await state.honour({ action: 'down' }, { id: 'a', time: clock.now().toISOString() });
    await rest.retire('10.0.0.3');
    assert.deepEqual(await resting(rest), ['10.0.0.2', '10.0.0.3']);
    assert.notEqual(await state.down(), null);
    await state.honour({ action: 'up' }, { id: 'b', time: clock.now().toISOString() });
    assert.deepEqual([await state.down(), await resting(rest)], [null, ['10.0.0.2', '10.0.0.3']]);
  });
});
