import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPassAges } from './pass-ages.ts';

/** Ages by a clock in whole seconds. */
function openAges() {
  const clock = { seconds: 0 };
  const ages = createPassAges<string>(() => new Date(clock.seconds * 1_000));
  const at = (seconds: number, what: () => void) => {
    clock.seconds = seconds;
    what();
  };
  const seen = () => {
    const { lastPassAt, oldest } = ages.summary();
    const since = oldest && [oldest.key, oldest.since.getTime() / 1_000, oldest.running, oldest.underWay];
    return [lastPassAt && lastPassAt.getTime() / 1_000, since];
  };
  const look = (key: string) => {
    ages.begun(key);
    ages.ended(key);
  };
  return { ages, at, seen, look };
}

describe('the ages of passes', () => {
  it('are none before the first look at everything', () => assert.deepEqual(openAges().seen(), [null, null]));

  it('are those of the look at everything where there is nothing to look at', () => {
    const { ages, at, seen } = openAges();
    at(5, () => ages.wanted([]));
    assert.deepEqual(seen(), [5, null]);
  });

  it('begin when a look was wanted for the first time, until it is over for each', () => {
    const { ages, at, seen, look } = openAges();
    at(1, () => ages.wanted(['db', 'web']));
    at(2, () => look('db'));
    at(31, () => ages.wanted(['db', 'web']));
    assert.deepEqual(seen(), [null, ['web', 1, false, 0]]);
    at(32, () => look('web'));
    assert.deepEqual(seen(), [2, ['db', 2, false, 0]]);
  });

  it('do not look fresh because everything is wanted again: whoever is stuck is named', () => {
    const { ages, at, seen, look } = openAges();
    at(0, () => ages.wanted(['db', 'web']));
    at(1, () => look('web'));
    at(1, () => look('db'));
    at(30, () => ages.begun('web'));
    for (let seconds = 30; seconds <= 300; seconds += 30) {
      at(seconds, () => ages.wanted(['db', 'web']));
      at(seconds, () => look('db'));
    }
    assert.deepEqual(seen(), [1, ['web', 1, true, 1]]);
  });

  it('are not moved by a look that came to nothing', async () => {
    const { ages, at, seen } = openAges();
    at(0, () => ages.wanted(['web']));
    at(9, () => {
      ages.begun('web');
      ages.gaveUp('web');
    });
    await assert.rejects(ages.around('web', () => Promise.reject(new Error('away'))));
    assert.deepEqual(seen(), [null, ['web', 0, false, 0]]);
    await ages.around('web', async () => undefined);
    assert.deepEqual(seen(), [0, ['web', 9, false, 0]]);
  });

  it('know a look that was over before the look at everything that found its service', () => {
    const { ages, at, seen, look } = openAges();
    at(3, () => look('web'));
    at(4, () => ages.wanted(['web']));
    assert.deepEqual(seen(), [3, ['web', 3, false, 0]]);
  });

  it('forget what is wanted no more, and everything when somebody else has looked meanwhile', () => {
    const { ages, at, seen } = openAges();
    at(0, () => ages.wanted(['gone']));
    at(1, () => ages.wanted([]));
    assert.deepEqual(seen(), [1, null]);
    ages.forget();
    assert.deepEqual(seen(), [null, null]);
  });
});
