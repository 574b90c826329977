import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import { buildRouteTable } from './core/route-table.ts';
import { type Door, keepListening } from './keep-listening.ts';
import { createRoutes } from './routes.ts';
import { knownEndpoints } from './testing/endpoints.ts';

/** A listener whose doors are paper; what happens to them is noted. */
function arrange(t: TestContext, { openDoor, handOver = async () => undefined }: Partial<Arrangement> = {}) {
  const routes = createRoutes();
  const happened: string[] = [];
  const states: (boolean | string)[] = [];
  const door: Door = {
    port: 80,
    close: async (drainMs) => {
      happened.push(`closed within ${drainMs > 900 ? 'all' : 'none'} of the time`);
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
      await handOver();
    },
    drainMs: 1_000,
    log: silentLog(),
    ready: (state) => void states.push(state),
  });
  t.after(async () => await listening.close());
  const enable = (enabled: boolean) => routes.replace(buildRouteTable(knownEndpoints([], { enabled })));
  return { listening, enable, happened, states, open };
}

interface Arrangement {
  readonly openDoor: () => Promise<Door>;
  readonly handOver: () => Promise<void>;
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
        return { port: 80, close: async () => 0 };
      },
    });
    await listening.start();
    assert.equal(states[0], 'the listener cannot be opened: EADDRINUSE');
    await waitUntil(() => listening.port() === 80);
    assert.equal(states.at(-1), true);
  });

  it('serves on while it hands over, and stops then', async (t) => {
    const { listening, happened } = arrange(t);
    await listening.start();
    await listening.close();
    assert.deepEqual(happened, ['opened', 'handing over, open', 'closed within all of the time']);
    assert.deepEqual([listening.port(), listening.isStopping()], [null, true]);
  });

  it('hands nothing over while it is closed', async (t) => {
    const { listening, enable, happened } = arrange(t);
    enable(false);
    await listening.start();
    await listening.close();
    assert.deepEqual(happened, []);
  });
});
