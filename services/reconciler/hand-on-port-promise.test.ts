import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LeaseEntry, placeKey } from '@kedge/shared/contracts';
import { createPromises } from './hand-on-port-promise.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

function arrange() {
  let seconds = 0;
  const clock = { now: () => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)), monotonicMs: () => seconds * 1_000 };
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const promises = createPromises({ bus, clock });
  const said = async () => (await bus.bucket('leases', LeaseEntry).get(placeKey(node, 'old')))?.value ?? null;
  return {
    promises,
    holder: async () => (await said())?.holder,
    takenAt: async () => (await said())?.takenAt,
    later: () => {
      seconds += 1;
    },
  };
}

describe('what a leaving proxy is told', () => {
  it('is who comes', async () => {
    const { promises, holder } = arrange();
    await promises.promise('old', 'new');
    assert.equal(await holder(), 'new');
  });

  it('is that nobody comes, anew each time that it is asked to end', async () => {
    const { promises, holder, takenAt, later } = arrange();
    await promises.decline('old');
    const first = await takenAt();
    later();
    await promises.decline('old');
    assert.equal(await holder(), 'nobody');
    assert.notEqual(await takenAt(), first);
  });

  it('is who comes, also right after nobody did', async () => {
    const { promises, holder } = arrange();
    await promises.decline('old');
    await promises.promise('old', 'new');
    assert.equal(await holder(), 'new');
  });

  it('stands, although another reconciler finds nobody who waits to be started any more', async () => {
    const { promises, holder } = arrange();
    await promises.promise('old', 'new');
    await promises.decline('old');
    assert.equal(await holder(), 'new');
  });

  it('is taken back when the replacement cannot be started', async () => {
    const { promises, holder } = arrange();
    await promises.promise('old', 'new');
    await promises.withdraw('old', 'new');
    assert.equal(await holder(), 'nobody');
  });

  it('is not taken back because of another replacement', async () => {
    const { promises, holder } = arrange();
    await promises.promise('old', 'newer');
    await promises.withdraw('old', 'new');
    assert.equal(await holder(), 'newer');
  });
});
