import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { type PassResult, RetryableError } from '@kedge/shared/kernel';
import { createPassAges } from '@kedge/shared/service';
import { waitUntil } from '@kedge/shared/testing';
import { createPassDriver } from './drive-passes.ts';

const web = ServiceName.parse('web');

/** A driver whose work fails, and whose lease lapses, when the test says so. */
function openDriver(test: TestContext, work: { readonly pass?: () => Promise<PassResult>; readonly look?: () => Promise<void> }) {
  const state = { isActive: true, mayAct: true, passes: 0, looks: 0, errors: [] as (string | null)[] };
  const ages = createPassAges<ServiceName>();
  const driver = createPassDriver({
    concurrency: 2,
    async pass() {
      state.passes += 1;
      return (await work.pass?.()) ?? {};
    },
    async lookAtEverything() {
      state.looks += 1;
      await work.look?.();
    },
    onError: (_thrown, service) => void state.errors.push(service),
    isActive: () => state.isActive,
    mayAct: () => state.mayAct,
    random: () => 0,
    ages,
  });
  test.after(async () => await driver.close());
  return { driver, state, ages };
}

const away = async () => await Promise.reject(new RetryableError('BUS_UNAVAILABLE', 'the bus restarts'));

// They wait side by side.
describe('the driver of passes', { concurrency: true }, () => {
  it('comes back soon to a service whose pass ended in trouble, again and again', async (test) => {
    const { driver, state } = openDriver(test, { pass: away });
    driver.wake(web);
    await waitUntil(() => state.passes === 3);
    assert.deepEqual(state.errors.slice(0, 2), [web, web]);
  });

  it('comes back soon to everything when the look at it ended in trouble', async (test) => {
    const { state } = openDriver(test, { look: away });
    await waitUntil(() => state.looks === 3);
    assert.deepEqual(state.errors.slice(0, 2), [null, null]);
  });

  it('comes back to everything when the lease had lapsed for a moment in which it was woken', async (test) => {
    const { driver, state } = openDriver(test, {});
    await waitUntil(() => state.looks === 1);
    state.mayAct = false;
    driver.wakeAll();
    await waitUntil(() => state.looks === 3);
  });

  it('keeps the wish to look at a service while the lease has lapsed for a moment', async (test) => {
    const { driver, state } = openDriver(test, {});
    state.mayAct = false;
    driver.wake(web);
    state.mayAct = true;
    await waitUntil(() => state.passes === 1);
  });

  it('does a pass again in which the lease lapsed: it may have stopped anywhere', async (test) => {
    const { driver, state } = openDriver(test, {
      async pass() {
        state.mayAct = false;
        setImmediate(() => Object.assign(state, { mayAct: true }));
        return {};
      },
    });
    driver.wake(web);
    await waitUntil(() => state.passes === 2);
  });

  it('counts a pass when it has ended, and not while it is stuck, failed or lost its lease', async (test) => {
    const stuck = Promise.withResolvers<void>();
    const ends: (() => Promise<PassResult>)[] = [
      away,
      async () => {
        await stuck.promise;
        return {};
      },
    ];
    const { driver, state, ages } = openDriver(test, { pass: async () => (await ends.shift()?.()) ?? {} });
    ages.wanted([web]);
    const seen = () => {
      const { lastPassAt, oldest } = ages.summary();
      return [lastPassAt !== null, oldest?.key, oldest?.running];
    };
    driver.wake(web);
    await waitUntil(() => state.passes === 2);
    assert.deepEqual(seen(), [false, web, true]);
    stuck.resolve();
    await waitUntil(() => ages.summary().lastPassAt !== null);
    assert.deepEqual(seen(), [true, web, false]);
  });

  it('does nothing for one who stands by', async (test) => {
    const { driver, state } = openDriver(test, {});
    Object.assign(state, { isActive: false, mayAct: false });
    driver.wake(web);
    await waitUntil(() => state.looks === 1);
    assert.equal(state.passes, 0);
  });
});
