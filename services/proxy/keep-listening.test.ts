import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { buildRouteTable } from './core/route-table.ts';
import type { HandOverOutcome } from './core/stop-schedule.ts';
import { type Door, keepListening } from './keep-listening.ts';
import { createRoutes } from './routes.ts';
import { knownEndpoints } from './testing/endpoints.ts';
import { createUnderWay } from './under-way.ts';

/** A listener whose doors are paper; what happens to them is noted. */
function arrange(t: TestContext, { openDoor, outcome = 'served', drainMs = 1_000 }: Partial<Arrangement> = {}) {
  const routes = createRoutes();
  const underWay = createUnderWay();
  let looks = 0;
  const happened: string[] = [];
  const states: (boolean | string)[] = [];
  const door: Door = {
    port: 80,
    sockets: 1,
    close: async (withinMs) => {
      happened.push(`closed within ${withinMs > 900 ? 'all' : 'none'} of the time`);
      return 0;
    },
  };
  const open = async () => {
    happened.push('opened');
    return door;
  };
  const listening = keepListening({
    routes,
    openDoor: openDoor ?? open,
    handOver: async () => {
      happened.push(`handing over, ${listening.isStopping() ? 'stopping' : 'open'}`);
      return outcome;
    },
    underWay: {
      now() {
        const left = underWay.now();
        return () => {
          looks += 1;
          return left();
        };
      },
    },
    drainMs,
    graceMs: 10_000,
    log: silentLog(),
    ready: (state) => void states.push(state),
  });
  t.after(async () => await listening.close());
  const enable = (enabled: boolean) => routes.replace(buildRouteTable(knownEndpoints([], { enabled })));
  return { listening, enable, happened, states, begin: () => underWay.begin(), looks: () => looks };
}

interface Arrangement {
  readonly openDoor: () => Promise<Door>;
  readonly outcome: HandOverOutcome;
  readonly drainMs: number;
}

describe('keeping the listener open', () => {
  it('opens it before any routes are known', async (t) => {
    const { listening, states } = arrange(t);
    await listening.start();
    assert.deepEqual([listening.port(), states], [80, [true]]);
  });

  it('follows the settings', async (t) => {
    const { listening, enable, happened, states } = arrange(t);
    await listening.start();
    enable(false);
    assert.equal(listening.isStopping(), true, 'connections close with their next answer');
    await waitUntil(() => listening.port() === null && states.length === 2);
    enable(true);
    await waitUntil(() => listening.port() !== null);
    assert.deepEqual(happened, ['opened', 'closed within all of the time', 'opened']);
    assert.deepEqual(new Set(states), new Set([true]), 'closed as it is meant to be is ready too');
  });

  it('says why it is not open, and tries again', async (t) => {
    let tries = 0;
    const { listening, states } = arrange(t, {
      openDoor: async () => {
        tries += 1;
        if (tries === 1) throw new Error('EADDRINUSE');
        return { port: 80, sockets: 1, close: async () => 0 };
      },
    });
    await listening.start();
    assert.equal(states[0], 'the listener cannot be opened: EADDRINUSE');
    await waitUntil(() => listening.port() === 80);
    assert.equal(states.at(-1), true);
  });

  it('is ready when it is closed on purpose after it could not be opened', async (t) => {
    const { listening, enable, states } = arrange(t, {
      openDoor: async () => {
        throw new Error('EADDRINUSE');
      },
    });
    await listening.start();
    enable(false);
    await waitUntil(() => states.at(-1) === true);
  });

  it('serves on while it hands over, and stops then', async (t) => {
    const { listening, happened } = arrange(t);
    await listening.start();
    await listening.close();
    assert.deepEqual(happened, ['opened', 'handing over, open', 'closed within all of the time']);
    assert.deepEqual([listening.port(), listening.isStopping()], [null, true]);
  });

  it('stays open for what is under way when nobody comes, and not for who comes meanwhile', async (t) => {
    const { listening, happened, begin, looks } = arrange(t, { outcome: 'nobody-comes', drainMs: 600_000 });
    await listening.start();
    const end = begin();
    const closed = listening.close();
    await waitUntil(() => looks() > 2);
    assert.deepEqual([listening.port(), listening.isStopping(), happened], [80, false, ['opened', 'handing over, open']]);
    begin();
    end();
    await closed;
    assert.deepEqual([listening.port(), happened.at(-1)], [null, 'closed within all of the time']);
  });

  it('does not stay open longer than it leaves time to whoever comes last', async (t) => {
    const { listening, begin } = arrange(t, { outcome: 'nobody-comes', drainMs: 1_000 });
    await listening.start();
    begin();
    await listening.close();
    assert.equal(listening.port(), null);
  });

  it('does not stay open once another one serves', async (t) => {
    const { listening, begin } = arrange(t, { outcome: 'served', drainMs: 600_000 });
    await listening.start();
    begin();
    await listening.close();
    assert.equal(listening.port(), null);
  });

  it('hands nothing over while it is closed', async (t) => {
    const { listening, enable, happened } = arrange(t);
    enable(false);
    await listening.start();
    await listening.close();
    assert.deepEqual(happened, []);
  });
});
