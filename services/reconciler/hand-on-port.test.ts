import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { LeaseEntry, placeKey } from '@kedge/shared/contracts';
import { silentLog } from '@kedge/shared/testing';
import { handOnPort } from './hand-on-port.ts';
import type { EngineEvent, ProjectContainer } from './ports.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

interface Arrangement {
  readonly containers: readonly ProjectContainer[];
  readonly startFails: boolean;
  readonly busFails: boolean;
}

const now = new Date('2026-01-01T00:00:10.000Z');
const old: ProjectContainer = { id: 'old', state: 'running', service: 'proxy', number: '1', replaces: false, createdAt: new Date(0) };
const fresh: ProjectContainer = { ...old, id: 'new', state: 'created', replaces: true, createdAt: now };

/** What happens, in its order, when the engine says that the proxy `old` was asked to end. */
async function terminate(t: TestContext, { containers = [old, fresh], startFails = false, busFails = false }: Partial<Arrangement>) {
  const happened: string[] = [];
  const clock = { now: () => now, monotonicMs: () => 0 };
  const bus = createMemoryBus({
    store: createMemoryStore(),
    node,
    clock,
    onWrite: (bucket, key, value) => {
      if (busFails) throw new Error('the bus is away');
      assert.deepEqual([bucket, key], ['leases', placeKey(node, 'old')]);
      happened.push(`told: ${LeaseEntry.parse(value).holder}`);
    },
  });
  let say: (event: EngineEvent) => void = () => undefined;
  const handing = handOnPort({
    bus,
    clock,
    log: silentLog(),
    project: { containers: async () => containers },
    engine: {
      follow({ onEvent }) {
        say = onEvent;
        return { close: async () => undefined };
      },
      async start(container) {
        happened.push(`started: ${container}`);
        if (startFails) throw new Error('its port is taken');
      },
    },
  });
  t.after(async () => await handing.close());
  say({ action: 'terminate', container: 'old', service: null });
  await handing.close();
  return happened;
}

describe('a proxy that is asked to end', () => {
  it('is promised its replacement before that one is started', async (t) => {
    assert.deepEqual(await terminate(t, {}), ['told: new', 'started: new']);
  });

  it('is told that nobody comes, where nothing was made to replace it', async (t) => {
    assert.deepEqual(await terminate(t, { containers: [old] }), ['told: nobody']);
  });

  it('is told so as well when the replacement cannot be started', async (t) => {
    assert.deepEqual(await terminate(t, { startFails: true }), ['told: new', 'started: new', 'told: nobody']);
  });

  it('is replaced although it cannot be told', async (t) => {
    assert.deepEqual(await terminate(t, { busFails: true }), ['started: new']);
  });

  it('of another project is none of ours', async (t) => {
    assert.deepEqual(await terminate(t, { containers: [fresh] }), []);
  });
});
