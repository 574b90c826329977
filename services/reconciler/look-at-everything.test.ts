import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StatusReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createLookAtEverything } from './look-at-everything.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node, web } from './testing/simulated-proxies.ts';

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
  const parts = ['load', 'resync', 'show'] as const;

  /** A look in which some parts fail, and what was done of it. */
  function lookWith(...failing: readonly (typeof parts)[number][]) {
    const done: string[] = [];
    const wanted: string[] = [];
    const part = (name: (typeof parts)[number]) => {
      done.push(name);
      if (failing.includes(name)) throw new RetryableError('ENGINE_ERROR', `no ${name}`);
    };
    const look = createLookAtEverything({
      bus,
      engine: { list: async () => [] },
      ledger: { load: async () => part('load') },
      async resync() {
        part('resync');
        return new Set([web]);
      },
      wanted: (services) => void wanted.push(...services),
      status: async () => reply,
      show: () => part('show'),
    });
    return { look, done, wanted };
  }

  it('looks at all its parts', async () => {
    const { look, done, wanted } = lookWith();
    await look();
    assert.deepEqual(done, parts);
    assert.deepEqual(wanted, [web]);
  });

  it('is none when not every service was woken', async () => {
    const { look, wanted } = lookWith('resync');
    await assert.rejects(look());
    assert.deepEqual(wanted, []);
  });

  for (const part of parts) {
    it(`does everything else although "${part}" fails, and says so in the end`, async () => {
      const { look, done } = lookWith(part);
      await assert.rejects(look(), { code: 'ENGINE_ERROR', message: `no ${part}` });
      assert.deepEqual(done, parts);
    });
  }

  it('says what failed first', async () => {
    await assert.rejects(lookWith('load', 'resync', 'show').look(), { message: 'no load' });
  });
});
