import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { LeaseEntry } from '@kedge/shared/contracts';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { createTestClock } from '../testing/test-clock.ts';
import { createMembers } from './members.ts';

describe('the watchers that share the work', () => {
  let testBus: TestBus;
  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => await testBus?.close());

  const leaseOf = async (bus: Bus, key: string) => await bus.bucket('leases', LeaseEntry).get(key);

  it('are those whose leases change, whatever else holds one, and always the one who asks', async (t) => {
    const bus = await testBus.connect('watcher', { instance: 'one' });
    const clock = createTestClock();
    const members = createMembers({ bus, clock });
    t.after(async () => await members.close());
    const dead = `watcher.${bus.node}.member-dead`;
    for (const key of [dead, `watcher.${bus.node}.other`]) {
      const leases = bus.bucket('leases', LeaseEntry);
      const revision = await leases.create(key, { holder: 'dead', takenAt: clock.now().toISOString() });
      assert.ok(revision !== null);
      t.after(async () => await leases.delete(key, revision));
    }
    assert.deepEqual(await members.list(), [dead, members.self]);
    clock.advance(4_999);
    assert.deepEqual(await members.list(), [dead, members.self]);
    clock.advance(1);
    assert.deepEqual(await members.list(), [members.self]);
  });

  it('are told when somebody comes, and when one gives its lease back', async (t) => {
    const [one, two] = await Promise.all(['first', 'second'].map((instance) => testBus.connect('watcher', { instance, node: 'shared' })));
    assert.ok(one && two);
    const members = createMembers({ bus: one, clock: createTestClock() });
    t.after(async () => await members.close());
    let told = 0;
    members.onChange(() => {
      told += 1;
    });
    await waitUntil(() => told === 1, { what: 'the first one counts itself' });
    const other = createMembers({ bus: two, clock: createTestClock() });
    t.after(async () => await other.close());
    await waitUntil(() => told === 2, { what: 'it is told of the second' });
    assert.deepEqual((await members.list()).toSorted(), [members.self, other.self]);
    await other.close();
    assert.equal(await leaseOf(one, other.self), null);
    await waitUntil(() => told === 3, { what: 'it is told that the second is gone' });
    assert.equal((await members.list()).includes(other.self), false);
  });
});
