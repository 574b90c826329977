import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLog } from '@kedge/shared/testing';
import { createTakeover, type Takeover } from './take-over.ts';

/** A lease in the hand of the test, and a preparation that lasts until it is told to end. */
function openStage() {
  const lease = { held: true };
  const told: string[] = [];
  const preparing: PromiseWithResolvers<void>[] = [];
  const stopping = new AbortController();
  const arrivals: (() => void)[] = [];
  const takeover: Takeover = createTakeover({
    isHeld: () => lease.held,
    prepare: async () => {
      told.push('prepare');
      const mine = Promise.withResolvers<void>();
      preparing.push(mine);
      arrivals.shift()?.();
      await mine.promise;
    },
    open: async () => void told.push('open'),
    log: silentLog(),
    signal: stopping.signal,
    retryAfterMs: 1,
  });
  /** Resolves when the next preparation has begun. */
  const arrival = async () => await new Promise<void>((resolve) => arrivals.push(resolve));
  return { lease, told, preparing, takeover, arrival, stop: () => stopping.abort() };
}

describe('taking over', () => {
  it('lets the work in after it has prepared', async () => {
    const { told, preparing, takeover, arrival } = openStage();
    const arrived = arrival();
    const begun = takeover.begin();
    await arrived;
    assert.deepEqual([told, takeover.isDone()], [['prepare'], false]);
    preparing[0]?.resolve();
    await begun;
    assert.deepEqual([told, takeover.isDone()], [['prepare', 'open'], true]);
  });

  it('comes to nothing when the lease is lost meanwhile', async () => {
    const { lease, told, preparing, takeover, arrival } = openStage();
    const arrived = arrival();
    const begun = takeover.begin();
    await arrived;
    lease.held = false;
    takeover.end();
    preparing[0]?.resolve();
    await begun;
    assert.deepEqual([told, takeover.isDone()], [['prepare'], false]);
  });

  it('is not tried again after the lease was lost', async () => {
    const { lease, told, preparing, takeover, arrival } = openStage();
    const arrived = arrival();
    const begun = takeover.begin();
    await arrived;
    lease.held = false;
    takeover.end();
    preparing[0]?.reject(new Error('the bus is away'));
    await begun;
    assert.deepEqual(told, ['prepare']);
  });

  it('goes on when a lease that lapsed for a moment is renewed', async () => {
    const { lease, told, preparing, takeover, arrival } = openStage();
    const first = arrival();
    const begun = takeover.begin();
    await first;
    lease.held = false;
    preparing[0]?.reject(new Error('the bus is away'));
    const second = arrival();
    setImmediate(() => {
      lease.held = true;
    });
    await second;
    preparing[1]?.resolve();
    await begun;
    assert.deepEqual([told, takeover.isDone()], [['prepare', 'prepare', 'open'], true]);
  });

  it('happens once at a time when the lease comes back quickly', async () => {
    const { told, preparing, takeover, arrival } = openStage();
    const first = arrival();
    const overtaken = takeover.begin();
    await first;
    takeover.end();
    const second = arrival();
    const begun = takeover.begin();
    assert.deepEqual(told, ['prepare']);
    preparing[0]?.resolve();
    await second;
    assert.deepEqual(told, ['prepare', 'prepare']);
    preparing[1]?.resolve();
    await Promise.all([overtaken, begun]);
    assert.deepEqual([told, takeover.isDone()], [['prepare', 'prepare', 'open'], true]);
  });

  it('ends with the process', async () => {
    const { lease, told, takeover, stop } = openStage();
    lease.held = false;
    const begun = takeover.begin();
    stop();
    await begun;
    assert.deepEqual(told, []);
  });
});
