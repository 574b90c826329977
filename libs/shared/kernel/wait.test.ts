import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { longestTimerMs, wait } from './wait.ts';

describe('a wait', () => {
  it('that nobody ended is over by itself', async () => assert.equal(await wait(1, new AbortController().signal), true));

  it('that was ended, before it began or meanwhile, says so and rejects nobody', async () => {
    const ending = new AbortController();
    const waiting = wait(3_600_000, ending.signal);
    ending.abort();
    assert.equal(await waiting, false);
    assert.equal(await wait(3_600_000, ending.signal), false);
  });

  it('longer than a timer may take does not end at once', async () => {
    const ending = new AbortController();
    const waiting = wait(longestTimerMs + 1, ending.signal);
    assert.equal(await wait(20, new AbortController().signal), true);
    ending.abort();
    assert.equal(await waiting, false, 'it was not over before');
  });
});
