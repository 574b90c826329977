import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { startPeriodic } from './periodic.ts';

const hour = 3_600_000;

/** Work that a test lets end, round by round. */
function openRounds(everyMs = hour) {
  const rounds: PromiseWithResolvers<void>[] = [];
  let arrived = Promise.withResolvers<void>();
  const told: unknown[] = [];
  const loop = startPeriodic({
    everyMs,
    work: async () => {
      const round = Promise.withResolvers<void>();
      rounds.push(round);
      arrived.resolve();
      arrived = Promise.withResolvers();
      await round.promise;
    },
    onError: (thrown) => told.push(thrown),
  });
  /** Resolves when the next round begins. */
  const next = async () => await arrived.promise;
  return { loop, rounds, next, told };
}

describe('periodic work', () => {
  it('begins at once, and again when its time has come', async () => {
    const { loop, rounds, next } = openRounds(1);
    assert.equal(rounds.length, 1);
    const second = next();
    rounds[0]?.resolve();
    await second;
    rounds[1]?.resolve();
    await loop.close();
  });

  it('is woken early', async () => {
    const { loop, rounds, next } = openRounds();
    rounds[0]?.resolve();
    await turn();
    const second = next();
    loop.wake();
    await second;
    rounds[1]?.resolve();
    await loop.close();
  });

  it('never overlaps, and goes round exactly once more for all wakes meanwhile', async () => {
    const { loop, rounds, next } = openRounds();
    for (const _ of [1, 2, 3]) loop.wake();
    await turn();
    assert.equal(rounds.length, 1);
    const second = next();
    rounds[0]?.resolve();
    await second;
    rounds[1]?.resolve();
    await turn();
    assert.equal(rounds.length, 2);
    await loop.close();
  });

  it('goes on after a round that failed, which is told', async () => {
    const { loop, rounds, next, told } = openRounds(1);
    const failure = new Error('no');
    const second = next();
    rounds[0]?.reject(failure);
    await second;
    assert.deepEqual(told, [failure]);
    rounds[1]?.resolve();
    await loop.close();
  });

  it('is closed when the round that is under way has ended, and begins no other', async () => {
    const { loop, rounds } = openRounds(1);
    let closed = false;
    const closing = loop.close().then(() => {
      closed = true;
    });
    loop.wake();
    await turn();
    assert.equal(closed, false);
    rounds[0]?.resolve();
    await closing;
    await turn();
    assert.equal(rounds.length, 1);
  });
});
