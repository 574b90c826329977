import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDestructionGuard } from './guard-destruction.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

const bus = createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(0), monotonicMs: () => 0 } });
const guard = (acts: boolean, isConnected: boolean) =>
  createDestructionGuard({ bus: { ...bus, isConnected: () => isConnected }, mayAct: () => acts });

describe('whoever is about to destroy something', () => {
  it('may while it acts and is connected', () => assert.doesNotThrow(guard(true, true)));
  for (const [acts, isConnected] of [
    [false, true],
    [true, false],
  ] as const)
    it(`stands by when it ${acts ? 'is cut off' : 'does not act any more'}`, () =>
      assert.throws(guard(acts, isConnected), { name: 'RetryableError', code: 'STANDING_BY' }));
});
