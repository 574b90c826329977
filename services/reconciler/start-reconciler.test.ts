import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { StatusReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { Examine } from '@kedge/shared/service';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { Registry } from 'prom-client';
import { ReconcilerConfig } from './config.ts';
import { startReconciler } from './start-reconciler.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node } from './testing/simulated-proxies.ts';

type Ports = Parameters<typeof startReconciler>[0];

const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
const simulated = () => createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });

/** Ports of a reconciler to whom nothing happens. */
function calmPorts(): Omit<Ports, 'bus' | 'signal' | 'takeLease'> {
  const engine = simulated();
  return {
    engine,
    probe: engine,
    hostPorts: engine,
    secrets: { resolve: async () => new Map(), registryCredentials: async () => null },
    clock,
    log: silentLog(),
    metrics: new Registry(),
    ready: () => undefined,
    tellPasses: () => undefined,
    durable: async () => ({ kind: 'there', waiting: 0, underWay: 0, readers: 1 }),
    examine: () => undefined,
    diskSpace: async () => ({ totalBytes: 1, freeBytes: 1 }),
    config: ReconcilerConfig.parse({}),
  };
}

interface Stage {
  readonly readers: () => number;
  readonly take: () => void;
  readonly lose: () => void;
  /** Reads of the runs that wait for their answer. */
  readonly reads: readonly PromiseWithResolvers<void>[];
  /** Reads of the runs that were answered. */
  readonly answered: () => number;
}

/** A reconciler with its lease, and the answers that it waits for, in the hand of the test. */
async function openStage(test: TestContext): Promise<Stage> {
  const reads: PromiseWithResolvers<void>[] = [];
  const stopping = new AbortController();
  const lease = { held: false };
  let told: Parameters<Parameters<typeof startReconciler>[0]['takeLease']>[1] | null = null;
  let readers = 0;
  let answered = 0;

  async function around<Result>(name: string, call: () => Result): Promise<Awaited<Result>> {
    if (name !== 'runs.readAll') return await call();
    const mine = Promise.withResolvers<void>();
    reads.push(mine);
    await mine.promise;
    const result = await call();
    answered += 1;
    return result;
  }

  const parts = await startReconciler({
    ...calmPorts(),
    bus: {
      ...createMemoryBus({ store: createMemoryStore(), node, clock, around }),
      async consume() {
        readers += 1;
        return {
          async close() {
            readers -= 1;
          },
        };
      },
    },
    signal: stopping.signal,
    takeLease(_engine, listeners) {
      told = listeners;
      return { held: () => lease.held, close: async () => undefined };
    },
  });
  test.after(async () => {
    stopping.abort();
    for (const read of reads) read.resolve();
    for (const part of parts.toReversed()) await part.close();
  });
  return {
    reads,
    readers: () => readers,
    answered: () => answered,
    take() {
      lease.held = true;
      told?.onTaken();
    },
    lose() {
      lease.held = false;
      told?.onLost();
    },
  };
}

describe('a reconciler that takes over', () => {
  it('takes commands as soon as it knows the runs, and none after it lost the lease', async (test) => {
    const stage = await openStage(test);
    stage.take();
    await waitUntil(() => stage.reads.length === 1);
    assert.equal(stage.readers(), 0);
    stage.reads[0]?.resolve();
    await waitUntil(() => stage.readers() === 1);
    stage.lose();
    await waitUntil(() => stage.readers() === 0);
  });

  it('takes none when it lost the lease while it read the runs', async (test) => {
    const stage = await openStage(test);
    stage.take();
    await waitUntil(() => stage.reads.length === 1);
    stage.lose();
    stage.reads[0]?.resolve();
    await waitUntil(() => stage.answered() === 1);
    // Whatever follows on that answer has happened when the next take-over has begun to read.
    stage.take();
    await waitUntil(() => stage.reads.length === 2);
    assert.equal(stage.readers(), 0);
  });
});

describe('a reconciler without an engine', () => {
  const away = async () => await Promise.reject(new RetryableError('ENGINE_UNREACHABLE', 'no engine'));

  it('tells whoever asks that the engine does not answer', async (test) => {
    const asked = new Map<string, (question: object) => Promise<unknown>>();
    const examined: Examine[] = [];
    const stopping = new AbortController();
    const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
    const starting = startReconciler({
      ...calmPorts(),
      engine: { ...simulated(), info: away, list: away },
      bus: { ...bus, serve: (subject, answer) => void asked.set(subject, answer as (question: object) => Promise<unknown>) },
      examine: (look) => void examined.push(look),
      signal: stopping.signal,
      takeLease: () => ({ held: () => false, close: async () => undefined }),
    });
    test.after(async () => {
      stopping.abort();
      for (const part of (await starting).toReversed()) await part.close();
    });
    const answer = await waitUntil(() => asked.get('status.services'));
    assert.deepEqual(StatusReply.parse(await answer({})).engine, { reachable: false, message: 'no engine' });
    const [found] = (await examined[0]?.()) ?? [];
    assert.deepEqual([found?.what, found?.state], ['engine', 'failed']);
    assert.deepEqual([...asked.keys()].toSorted(), ['deploy.plan', 'logs.tail', 'status.services']);
  });
});

describe('the readiness of a reconciler', () => {
  it('says that no command is taken while the consumer of commands is gone', async (test) => {
    const states = new Map<string, boolean | string>();
    const stopping = new AbortController();
    const parts = await startReconciler({
      ...calmPorts(),
      bus: createMemoryBus({ store: createMemoryStore(), node, clock }),
      ready: (part, state) => void states.set(part, state),
      durable: async () => ({ kind: 'unusable', problem: { kind: 'missing', message: 'consumer not found' } }),
      signal: stopping.signal,
      takeLease: () => ({ held: () => false, close: async () => undefined }),
    });
    test.after(async () => {
      stopping.abort();
      for (const part of parts.toReversed()) await part.close();
    });
    await waitUntil(() => states.get('bus-state') === true);
    assert.equal(states.get('commands'), 'none is taken: consumer not found');
  });
});
