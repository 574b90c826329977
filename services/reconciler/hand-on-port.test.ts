import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { LeaseEntry, placeKey } from '@kedge/shared/contracts';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { handOnPort } from './hand-on-port.ts';
import type { EngineEvent, ObservedContainer, ProjectContainer } from './ports.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

type State = ObservedContainer['state'];

interface Arrangement {
  readonly containers: readonly ProjectContainer[];
  /** What the start of the replacement is rejected with. */
  readonly startFails: Error | null;
  /** The state of the replacement after that, or why nobody can tell; null when it is gone. */
  readonly found: State | Error | null;
  readonly connected: boolean;
  /** Resolves before any call to the bus is answered. */
  readonly busAnswers: Promise<void>;
}

const now = new Date('2026-01-01T00:00:10.000Z');
const old: ProjectContainer = { id: 'old', state: 'running', service: 'proxy', number: '1', replaces: false, createdAt: new Date(0) };
const fresh: ProjectContainer = { ...old, id: 'new', state: 'created', replaces: true, createdAt: now };

const refused = new TerminalError('ENGINE_REFUSED', 'its network is gone', { details: { status: 404 } });
const unheard = new RetryableError('ENGINE_UNREACHABLE', 'the engine did not answer in time', { details: { timeoutMs: 30_000 } });

/** The engine says that the proxy `old` was asked to end; hands out what happens then, in its order. */
function arrange(t: TestContext, arrangement: Partial<Arrangement>) {
  const { containers = [old, fresh], startFails = null, found = 'created', connected = true, busAnswers = Promise.resolve() } = arrangement;
  const happened: string[] = [];
  const clock = { now: () => now, monotonicMs: () => 0 };
  const memory = createMemoryBus({
    store: createMemoryStore(),
    node,
    clock,
    around: async <Result>(_name: string, call: () => Result): Promise<Awaited<Result>> => {
      await busAnswers;
      return await call();
    },
    onWrite: (bucket, key, value) => {
      assert.deepEqual([bucket, key], ['leases', placeKey(node, 'old')]);
      happened.push(`told: ${LeaseEntry.parse(value).holder}`);
    },
  });
  const bus: Bus = { ...memory, isConnected: () => connected };
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
        if (startFails) throw startFails;
      },
      async inspect() {
        if (found instanceof Error) throw found;
        return found && ({ state: found } as Partial<ObservedContainer> as ObservedContainer);
      },
    },
  });
  t.after(async () => await handing.close());
  say({ action: 'terminate', container: 'old', node: null, service: null });
  return { happened, over: async () => await handing.close() };
}

async function terminate(t: TestContext, arrangement: Partial<Arrangement>): Promise<readonly string[]> {
  const { happened, over } = arrange(t, arrangement);
  await over();
  return happened;
}

describe('a proxy that is asked to end', () => {
  it('is promised its replacement before that one is started', async (t) => {
    assert.deepEqual(await terminate(t, {}), ['told: new', 'started: new']);
  });

  it('is told that nobody comes, where nothing was made to replace it', async (t) => {
    assert.deepEqual(await terminate(t, { containers: [old] }), ['told: nobody']);
  });

  it('is replaced although it cannot be told', async (t) => {
    const busAnswers = Promise.reject(new Error('the bus is away'));
    assert.deepEqual(await terminate(t, { busAnswers }), ['started: new']);
  });

  it('is replaced at once without the bus, and nobody tries to tell it', async (t) => {
    assert.deepEqual(await terminate(t, { connected: false }), ['started: new']);
  });

  it('is replaced while the bus still thinks about it', async (t) => {
    const { promise: busAnswers, resolve } = Promise.withResolvers<void>();
    const { happened, over } = arrange(t, { busAnswers });
    try {
      await waitUntil(() => happened.length > 0);
    } finally {
      resolve();
    }
    await over();
    assert.deepEqual(happened, ['started: new', 'told: new']);
  });

  it('of another project is none of ours', async (t) => {
    assert.deepEqual(await terminate(t, { containers: [fresh] }), []);
  });
});

describe('what it was promised', () => {
  const withdrawn = ['told: new', 'started: new', 'told: nobody'];
  const stands = ['told: new', 'started: new'];
  const cases: readonly (readonly [string, Pick<Arrangement, 'startFails' | 'found'>, readonly string[]])[] = [
    ['is withdrawn when the engine refuses to start it', { startFails: refused, found: 'created' }, withdrawn],
    ['is withdrawn when it is gone', { startFails: refused, found: null }, withdrawn],
    ['stands when it runs all the same, because somebody else started it', { startFails: refused, found: 'running' }, stands],
    ['stands when nobody can tell whether it runs', { startFails: refused, found: unheard }, stands],
    ['stands when the engine was not heard: it may start it still', { startFails: unheard, found: 'created' }, stands],
    ['stands when the start broke in another way', { startFails: new Error('broken'), found: 'created' }, stands],
  ];
  for (const [title, failure, expected] of cases) {
    it(title, async (t) => assert.deepEqual(await terminate(t, failure), expected));
  }

  it('late is withdrawn all the same, and not the other way round', async (t) => {
    const { promise: busAnswers, resolve } = Promise.withResolvers<void>();
    const { happened, over } = arrange(t, { busAnswers, startFails: refused });
    try {
      await waitUntil(() => happened.length > 0);
    } finally {
      resolve();
    }
    await over();
    assert.deepEqual(happened, ['started: new', 'told: new', 'told: nobody']);
  });
});
