import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { createLoopLoad } from './loop-load.ts';

describe('the load of the event loop', () => {
  it('is what it was over the last window', () => {
    const clock = { at: 0, active: 0, idle: 0 };
    const load = createLoopLoad({ now: () => clock.at, utilization: () => ({ active: clock.active, idle: clock.idle }) });
    const after = (active: number, idle: number) => {
      clock.at += active + idle;
      clock.active += active;
      clock.idle += idle;
      return load.isBusy();
    };
    assert.equal(after(5, 95), false);
    assert.equal(after(19, 0), false, 'too soon to tell');
    assert.equal(after(1, 0), true);
    assert.equal(after(18, 2), false);
    assert.equal(after(19, 1), true);
  });

  it('is that of this process', async () => {
    // There is no load before the loop began.
    await setImmediate();
    const load = createLoopLoad();
    const until = performance.now() + 25;
    while (performance.now() < until);
    assert.equal(load.isBusy(), true);
  });
});
