import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createSystemClock } from './system-clock.ts';

describe('the clock of the machine', () => {
  it('tells the time of day, and milliseconds that never go back', (t) => {
    const clock = createSystemClock();
    t.mock.timers.enable({ apis: ['Date'], now: 1_000 });
    assert.deepEqual(clock.now(), new Date(1_000));
    const earlier = clock.monotonicMs();
    t.mock.timers.setTime(0);
    assert.deepEqual(clock.now(), new Date(0));
    assert.ok(clock.monotonicMs() >= earlier);
  });
});
