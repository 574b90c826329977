import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, serviceKey } from '@kedge/shared/contracts';
import { createDependencyFinder } from './find-dependencies.ts';
import { createDependencyGuard } from './guard-dependencies.ts';
import type { ObservedContainer } from './ports.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, declared } from './testing/observed.ts';
import { node, put } from './testing/simulated-proxies.ts';
import { recordOf, worldNow, worldOf } from './testing/world.ts';

const db = ServiceName.parse('db');
const spec = declared({ depends_on: { db: 'started' } });
const manifest = { ...worldOf().manifest, services: { web: 'h', db: 'h' } };

/** `waitedMs`: for how long it waits for the dependency already, in `code`. */
async function ask(
  containers: readonly ObservedContainer[],
  { waitedMs = 0, code = 'DEPENDENCY_PENDING', of = spec, deadlineMs = 60_000 } = {},
): Promise<void> {
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(worldNow), monotonicMs: () => 0 } });
  const stores = openStores(bus);
  const entry = { node, spec: declared({ service: { name: 'db' } }), hash: 'h', path: 'db' };
  await put(stores.services, serviceKey(node, db), entry);
  const guard = createDependencyGuard({
    bus: { node },
    stores,
    engine: { list: async () => containers },
    findDependencies: createDependencyFinder({ bus: { node }, stores, engine: { image: async () => null } }),
    deadlineMs,
  });
  const since = new Date(worldNow - waitedMs).toISOString();
  const waiting = { code, message: '', since, retryAt: since, failures: 1 };
  await guard(worldOf({ manifest, record: recordOf(waitedMs > 0 ? { waiting } : {}) }), of, 'release');
}

describe('a start that comes after others', () => {
  const up = container({ id: 'd1', name: 'db', kedge: { node, service: db } });

  it('may happen when they are there, and when there are none', async () => {
    await ask([up]);
    await ask([], { of: declared() });
  });

  it('waits for those that are not there', async () =>
    await assert.rejects(ask([]), { name: 'RetryableError', code: 'DEPENDENCY_PENDING' }));

  it('is told as late when it waited for longer than it should, counted over all that was waited for', async () => {
    await assert.rejects(ask([], { waitedMs: 59_000 }), { code: 'DEPENDENCY_PENDING' });
    await assert.rejects(ask([], { waitedMs: 61_000 }), { code: 'DEPENDENCY_TIMEOUT', message: /more than 1 min/ });
    const short = { waitedMs: 31_000, deadlineMs: 30_000 };
    await assert.rejects(ask([], short), { code: 'DEPENDENCY_TIMEOUT', message: /more than 30 s:/ });
    await assert.rejects(ask([], { waitedMs: 61_000, code: 'PORT_TAKEN' }), { code: 'DEPENDENCY_PENDING' });
  });

  it('takes a container of another node for nobody’s', async () =>
    await assert.rejects(ask([container({ kedge: { node: 'other', service: db } })]), { code: 'DEPENDENCY_PENDING' }));
});
