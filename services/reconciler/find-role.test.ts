import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeaseEntry } from '@kedge/shared/contracts';
import { engineLeaseOf } from './claim-node.ts';
import { createFindRole } from './find-role.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

const memoryBus = () => createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(0), monotonicMs: () => 0 } });
const calm = { mayAct: () => false, takeover: { trouble: () => null }, engineId: () => 'engine a', isNodeTaken: () => false };

/** A bus on which an instance has the right to act on the engine. */
async function busHeldBy(holder: string) {
  const bus = memoryBus();
  await bus.bucket('leases', LeaseEntry).create(`reconciler.${node}.${engineLeaseOf('engine a')}`, { holder, takenAt: 'now' });
  return bus;
}

describe('the role of an instance', () => {
  it('is to act while it may', async () => {
    assert.deepEqual(await createFindRole({ ...calm, bus: memoryBus(), mayAct: () => true })(), { kind: 'acts' });
  });

  it('is to stand by for whoever has the right to act', async () => {
    assert.deepEqual(await createFindRole({ ...calm, bus: await busHeldBy('another') })(), { kind: 'stands-by', holder: 'another' });
  });

  it('says when nobody has it', async () => {
    assert.deepEqual(await createFindRole({ ...calm, bus: memoryBus() })(), { kind: 'stands-by', holder: null });
  });

  it('says why the right that it has cannot be used yet', async () => {
    const bus = await busHeldBy('simulated');
    const role = await createFindRole({ ...calm, bus, takeover: { trouble: () => 'the engine is away' } })();
    assert.deepEqual(role, { kind: 'takes-over', problem: 'the engine is away' });
  });

  it('says that the engine was not met, that its node is taken, and that the bus takes no writes', async () => {
    const bus = memoryBus();
    assert.equal((await createFindRole({ ...calm, bus, engineId: () => null })()).kind, 'takes-over');
    assert.equal((await createFindRole({ ...calm, bus, isNodeTaken: () => true })()).kind, 'node-taken');
    const full = { ...bus, writeTrouble: () => ({ message: 'full', since: new Date(0) }) };
    assert.deepEqual(await createFindRole({ ...calm, bus: full })(), { kind: 'bus-full', problem: 'full' });
  });
});
