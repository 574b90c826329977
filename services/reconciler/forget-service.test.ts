import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ReleaseRecord } from '@kedge/shared/contracts';
import { createForgetter } from './forget-service.ts';
import type { World } from './observe-service.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { releaseOf, rolloutTo } from './testing/observed.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { recordOf, worldOf } from './testing/world.ts';
import { createRecordWriter } from './write-record.ts';

const now = new Date('2026-01-01T01:00:00.000Z');
const left = { leavingSince: '2026-01-01T00:59:50.000Z', leftContainers: 2 };
const { id: rollout, image, digest, source, startedAt: since } = rolloutTo('v1');
const serving = { release: releaseOf('v1'), image, digest, source, since, rollout } satisfies ReleaseRecord['serving'];

/** A service of which nothing is left but what was remembered, and what became of that. */
async function forgetting(remembered: Partial<ReleaseRecord> | null, changes: Partial<World> = {}) {
  const order: string[] = [];
  async function around<Result>(name: string, call: () => Result): Promise<Awaited<Result>> {
    if (name.endsWith('.delete') || name.startsWith('publish')) order.push(name);
    return await call();
  }
  const store = createMemoryStore();
  const bus = createMemoryBus({ store, node, clock: { now: () => now, monotonicMs: () => 0 }, around });
  const stores = openStores(bus);
  const { key, value } = recordOf(remembered ?? {});
  if (remembered) await put(stores.releases, key, value);
  await put(stores.bars, key, { node, service: web, bars: [] });
  await put(stores.endpoints, key, { node, service: web, routes: [], targets: [] });
  const read = async () => ({
    record: await stores.releases.get(key),
    bars: await stores.bars.get(key),
    endpoints: await stores.endpoints.get(key),
  });
  const forget = createForgetter({
    stores,
    write: createRecordWriter({ bus, stores }),
    clock: { now: () => now },
    forgetRuns: async () => void order.push('runs'),
  });
  await forget(worldOf({ spec: null, ...(await read()), ...changes }));
  return { order, kept: await read(), said: store.events.map(({ type, subject, data }) => ({ type, subject, data })) };
}

describe('what was remembered of a service', () => {
  it('goes in an order that leaves the record to whoever comes after a death', async () => {
    const { order, kept } = await forgetting({});
    assert.deepEqual(order, ['endpoints.delete', 'bars.delete', 'runs', 'publish service.removed', 'releases.delete']);
    assert.deepEqual(kept, { record: null, bars: null, endpoints: null });
  });

  it('may be nothing', async () => {
    const { kept, said } = await forgetting(null);
    assert.deepEqual([kept.record, said], [null, []]);
  });
});

describe('service.removed', () => {
  const declaredNoMore = { release: null, containers: 0, durationMs: 0, reason: 'it is declared no more' };
  const other = { ...declaredNoMore, reason: 'something else is declared under its name' };
  const cases: Record<string, readonly [Partial<ReleaseRecord>, Partial<World>, object | null]> = {
    'tells what went, and how long that took': [
      { ...left, serving },
      {},
      { ...declaredNoMore, release: serving.release, containers: 2, durationMs: 10_000 },
    ],
    'names the release that requests had moved to': [
      { ...left, serving, leftRelease: releaseOf('v2') },
      {},
      { ...declaredNoMore, release: releaseOf('v2'), containers: 2, durationMs: 10_000 },
    ],
    'is said of what never ran': [{}, {}, declaredNoMore],
    'is said of what makes way for something else under its name': [{}, { spec: worldOf().spec }, other],
    'was said already by whoever died before the record went': [{ ...left, goneAt: left.leavingSince }, {}, null],
  };
  for (const [what, [record, changes, data]] of Object.entries(cases)) {
    it(what, async () => {
      const { said, kept } = await forgetting(record, changes);
      assert.deepEqual(said, data ? [{ type: 'service.removed.v1', subject: web, data }] : []);
      assert.equal(kept.record, null);
    });
  }
});
