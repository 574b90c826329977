import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { LeaseEntry } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { claimNode, engineLeaseOf } from './claim-node.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

const clock = { now: () => new Date(), monotonicMs: () => performance.now() };

const silent = { onTaken: () => undefined, onLost: () => undefined, onTakenByOther: () => undefined };

/** Claims the node for an engine, until the test is over. */
async function claim(test: TestContext, bus: Bus, engineId: string) {
  const held = await claimNode({ bus, engineId, ...silent });
  test.after(async () => await held.close());
  return held;
}

describe('the name of a node', () => {
  const store = () => createMemoryBus({ store: createMemoryStore(), node, clock });

  it('belongs to all who act on one engine', async (test) => {
    const bus = store();
    const first = await claim(test, bus, 'engine a');
    await waitUntil(() => first.held());
    const second = await claim(test, { ...bus, instance: 'another' }, 'engine a');
    await waitUntil(() => second.held());
    assert.ok(first.held());
  });

  it('is refused to another engine, with what to do', async (test) => {
    const bus = store();
    const first = await claim(test, bus, 'engine a');
    await waitUntil(() => first.held());
    await assert.rejects(claim(test, bus, 'engine b'), { name: 'TerminalError', code: 'NODE_TAKEN', message: /KEDGE_NODE of its own/ });
  });

  it('stays with its engine when one of those who act on it ends', async (test) => {
    const bus = store();
    const first = await claim(test, bus, 'engine a');
    await waitUntil(() => first.held());
    const standby = await claimNode({ bus: { ...bus, instance: 'another' }, engineId: 'engine a', ...silent });
    await waitUntil(() => standby.held());
    await standby.close();
    await assert.rejects(claim(test, bus, 'engine b'), { code: 'NODE_TAKEN' });
    assert.ok(first.held());
  });

  it('is another one’s when the store says so: who had it is told', async (test) => {
    const bus = store();
    const told = Promise.withResolvers<string>();
    const first = await claimNode({ bus, engineId: 'engine a', ...silent, renewEveryMs: 10, onTakenByOther: () => told.resolve('taken') });
    test.after(async () => await first.close());
    await waitUntil(() => first.held());
    const leases = bus.bucket('leases', LeaseEntry);
    const key = `reconciler.${node}.node`;
    // It stood still for so long that the store dropped its claim, and another engine came.
    await waitUntil(async () => {
      const claimed = await leases.get(key);
      return claimed !== null && (await leases.update(key, { ...claimed.value, holder: 'engine-of-another' }, claimed.revision)) !== null;
    });
    assert.equal(await told.promise, 'taken');
  });

  it('is not the lease of those who compete for one engine', () => assert.notEqual(engineLeaseOf('engine a'), engineLeaseOf('engine b')));
});
