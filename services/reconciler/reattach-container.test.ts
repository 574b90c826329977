import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { createReattacher } from './reattach-container.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node } from './testing/simulated-proxies.ts';
import { worldOf } from './testing/world.ts';

const step = { kind: 'reattach', id: 'c1', address: '10.0.0.2', alias: true, reason: 'it was frozen, and runs on' } as const;

function stage(refusal: Error | null) {
  const clock = { now: () => new Date(0), monotonicMs: () => 0 };
  const store = createMemoryStore();
  const done: string[] = [];
  const engine = {
    ...createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) }),
    async setAliases(id: string, { aliases }: { readonly aliases: readonly string[] }) {
      done.push(`attach ${id} as ${aliases.join()}`);
      if (refusal) throw refusal;
    },
    remove: async (id: string) => void done.push(`remove ${id}`),
  };
  const reattach = createReattacher({
    bus: createMemoryBus({ store, node, clock }),
    engine,
    networks: { ensure: async (_manifest, names) => void done.push(`make ${names.join()}`) },
    networkName: () => 'kedge',
    assertMayDestroy: () => undefined,
  });
  const told = () => store.events.map(({ data }) => (data as { reason: string }).reason);
  return {
    done,
    told,
    reattach: async (networks: readonly string[] = []) =>
      await reattach(worldOf({ containers: [container({ kedge: { networks } })] }), step),
  };
}

describe('a container that was frozen or cut off', () => {
  it('is put back with its name, on networks that are there, and that is told afterwards', async () => {
    const { done, told, reattach } = stage(null);
    await reattach(['db']);
    assert.deepEqual([done, told()], [['make db', 'attach c1 as web'], [step.reason]]);
  });

  it('waits for its address, and is made anew when somebody else keeps that', async () => {
    const { done, told, reattach } = stage(new RetryableError('ADDRESS_TAKEN', 'taken'));
    for (let time = 0; time < 2; time += 1) await assert.rejects(reattach(), { code: 'ADDRESS_TAKEN' });
    assert.deepEqual(told(), []);
    await reattach();
    assert.equal(done.at(-1), 'remove c1');
    assert.match(told()[0] ?? '', /its address was given away meanwhile/);
  });

  it('is left as it is when the engine says anything else', async () => {
    const { done, told, reattach } = stage(new RetryableError('ENGINE_ERROR', 'no'));
    for (let time = 0; time < 4; time += 1) await assert.rejects(reattach(), { code: 'ENGINE_ERROR' });
    assert.deepEqual([new Set(done), told()], [new Set(['attach c1 as web']), []]);
  });
});
