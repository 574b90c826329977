import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StatusReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createLookAtEverything } from './look-at-everything.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

const bus = createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(0), monotonicMs: () => 0 } });
const reply: StatusReply = {
  node,
  engine: { reachable: true, message: '' },
  config: { revision: null, problem: null },
  foreign: [],
  proxies: [],
  services: [],
};

describe('a look at everything', () => {
  it('shows the metrics although the default network could not be made, and says so in the end', async () => {
    const shown: unknown[] = [];
    const look = createLookAtEverything({
      bus,
      engine: { list: async () => [] },
      ledger: { load: async () => undefined },
      resync: async () => await Promise.reject(new RetryableError('ENGINE_ERROR', 'no free subnet')),
      status: async () => reply,
      show: (...given) => void shown.push(given),
    });
    await assert.rejects(look(), { code: 'ENGINE_ERROR' });
    assert.deepEqual(shown, [[reply, 0]]);
  });
});
