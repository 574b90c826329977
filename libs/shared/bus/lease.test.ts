import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type LeaseEntry, NodeName } from '../contracts/index.ts';
import { waitUntil } from '../testing/index.ts';
import { keepLease, type Lease, leaseTtlMs } from './lease.ts';
import { createMemoryBucket } from './testing/memory-bucket.ts';

const key = 'reconciler.local.engine';
const other: LeaseEntry = { holder: 'two', takenAt: '2026-01-01T00:00:00.000Z' };
/** A holder stops trusting its lease 3 s before the store would drop it. */
const trustedForMs = leaseTtlMs - 3_000;

const open: Lease[] = [];
afterEach(async () => {
  for (const lease of open.splice(0)) await lease.close();
});

/** An instance called `one`, whose rounds happen when a test wants them: at the start, and when its bus comes back. */
function stage({ holder }: { readonly holder?: string } = {}) {
  const world = { nowMs: 0, connected: true, rounds: 0, failing: false, during: async (): Promise<void> => {} };
  const said: string[] = [];
  const reconnected: (() => void)[] = [];
  const bucket = createMemoryBucket<LeaseEntry>({
    name: 'leases',
    before: async () => {
      if (world.failing) {
        world.rounds += 1;
        throw new Error('the store is away');
      }
      await world.during();
    },
  });
  const bus = {
    identity: 'reconciler',
    instance: 'one',
    node: NodeName.parse('local'),
    isConnected: () => world.connected,
    onReconnect: (listener: () => void) => void reconnected.push(listener),
    bucket: () => bucket,
  } as const;
  const begin = () => {
    const lease = keepLease(bus, {
      what: 'engine',
      renewEveryMs: 3_600_000,
      ...(holder === undefined ? {} : { holder }),
      now: () => world.nowMs,
      onTaken: () => said.push('taken'),
      onLost: () => said.push('lost'),
      onHeldByOther: (by) => said.push(`held by ${by}`),
    });
    open.push(lease);
    return lease;
  };
  const stored = async () => await bucket.get(key);
  const wake = () => {
    for (const listener of reconnected) listener();
  };
  return { world, said, bucket, begin, stored, wake };
}

describe('a lease', () => {
  it('is taken when nobody holds it, and told once', async () => {
    const { said, begin, stored } = stage();
    const lease = begin();
    assert.equal(lease.held(), false);
    await waitUntil(() => lease.held());
    assert.equal((await stored())?.value.holder, 'one');
    assert.deepEqual(said, ['taken']);
  });

  it('is kept by renewal, which is not told again', async () => {
    const { world, said, begin, stored, wake } = stage();
    const lease = begin();
    await waitUntil(() => lease.held());
    for (const round of [2, 3]) {
      world.nowMs += trustedForMs - 1;
      wake();
      await waitUntil(async () => (await stored())?.revision === round);
    }
    assert.equal(lease.held(), true);
    assert.deepEqual(said, ['taken']);
  });

  it('counts from before the renewal was sent, however long the answer took', async () => {
    const { world, begin } = stage();
    const late = Promise.withResolvers<void>();
    world.during = async () => await late.promise;
    const lease = begin();
    world.nowMs += trustedForMs - 1;
    late.resolve();
    await waitUntil(() => lease.held());
    world.nowMs += 1;
    assert.equal(lease.held(), false);
  });

  it('is not held any more by one that stood still, before it has asked anybody', async () => {
    const { world, said, bucket, begin, wake } = stage();
    const lease = begin();
    await waitUntil(() => lease.held());
    world.nowMs += trustedForMs;
    assert.equal(lease.held(), false);

    bucket.overwrite(key, other);
    wake();
    await waitUntil(() => said.length === 3);
    assert.deepEqual(said, ['taken', 'lost', 'held by two']);
  });

  it('that went through other hands while its holder stood still is told as lost and taken anew', async () => {
    const { world, said, bucket, begin, wake } = stage();
    const lease = begin();
    await waitUntil(() => lease.held());
    world.nowMs += 60_000;
    bucket.overwrite(key, other);
    bucket.expire(key);
    wake();
    await waitUntil(() => said.length > 1 && lease.held());
    assert.deepEqual(said, ['taken', 'lost', 'taken']);
  });

  it('that lapsed for a moment, and that nobody else took, is renewed without a word', async () => {
    const { world, said, begin, stored, wake } = stage();
    const lease = begin();
    await waitUntil(() => lease.held());
    world.nowMs += trustedForMs;
    assert.equal(lease.held(), false);
    wake();
    await waitUntil(async () => lease.held() && (await stored())?.revision === 2);
    assert.deepEqual(said, ['taken']);
  });

  it('whose renewal was stored and never acknowledged goes on without a word', async () => {
    const { said, bucket, begin, stored, wake } = stage();
    const lease = begin();
    await waitUntil(() => lease.held());
    bucket.overwrite(key, { ...other, holder: 'one' });
    wake();
    await waitUntil(async () => (await stored())?.revision === 3);
    assert.equal(lease.held(), true);
    assert.deepEqual(said, ['taken']);
  });

  it('is waited for while another one holds it, and taken when that one is gone', async () => {
    const { said, bucket, begin, stored, wake } = stage();
    bucket.overwrite(key, other);
    const lease = begin();
    await waitUntil(() => said.includes('held by two'));
    assert.equal(lease.held(), false);
    assert.deepEqual((await stored())?.value, other);

    bucket.expire(key);
    wake();
    await waitUntil(() => lease.held());
    assert.deepEqual(said, ['held by two', 'taken']);
  });

  it('of the same instance, from before a restart, is renewed rather than waited for', async () => {
    const { said, bucket, begin } = stage();
    bucket.overwrite(key, { ...other, holder: 'one' });
    const lease = begin();
    await waitUntil(() => lease.held());
    assert.deepEqual(said, ['taken']);
  });

  it('is tried for as soon as the bus is back, and not before', async () => {
    const { world, begin, wake } = stage();
    Object.assign(world, { failing: true, connected: false });
    const lease = begin();
    await turn();
    assert.equal(world.rounds, 1);
    Object.assign(world, { failing: false, connected: true });
    wake();
    await waitUntil(() => lease.held());
    assert.equal(world.rounds, 1);
  });

  it('is tried for again soon when the store failed although the bus answers', async () => {
    const { world, begin } = stage();
    world.failing = true;
    const lease = begin();
    await waitUntil(() => world.rounds === 1);
    world.failing = false;
    // The next regular round is an hour away, and nobody wakes it.
    await waitUntil(() => lease.held());
  });

  it('that could not be renewed in time is told as lost, though the store says nothing', async () => {
    const { world, said, begin, wake } = stage();
    const lease = begin();
    await waitUntil(() => lease.held());
    Object.assign(world, { failing: true, connected: false, nowMs: trustedForMs });
    wake();
    await waitUntil(() => said.includes('lost'));
    assert.deepEqual(said, ['taken', 'lost']);
  });

  it('is given back when it is closed, and told as lost', async () => {
    const { said, begin, stored } = stage();
    const lease = begin();
    await waitUntil(() => lease.held());
    await lease.close();
    assert.equal(await stored(), null);
    assert.equal(lease.held(), false);
    assert.deepEqual(said, ['taken', 'lost']);
  });

  it('that another one took meanwhile is left to it when it is closed', async () => {
    const { bucket, begin, stored } = stage();
    const lease = begin();
    await waitUntil(() => lease.held());
    bucket.overwrite(key, other);
    await lease.close();
    assert.deepEqual((await stored())?.value, other);
  });

  it('that instances hold together is had by each of them, and given back by none', async () => {
    const { bucket, begin, stored } = stage({ holder: 'both' });
    bucket.overwrite(key, { ...other, holder: 'both' });
    const lease = begin();
    await waitUntil(() => lease.held());
    await lease.close();
    assert.equal((await stored())?.value.holder, 'both');
  });
});
