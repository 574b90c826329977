import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { atSecond, mayRetry, noRetries, withOneMore } from './retry-budget.ts';

const many = (count: number, what: 'requests' | 'retries', from = noRetries) =>
  Array.from({ length: count }).reduce<typeof noRetries>((counts) => withOneMore(counts, what), from);

describe('the budget of retries', () => {
  it('has three a second in any case', () => {
    assert.equal(mayRetry(many(29, 'retries'), 20), true);
    assert.equal(mayRetry(many(30, 'retries'), 20), false);
  });

  it('grows with the requests', () => {
    const busy = many(1_000, 'requests');
    assert.equal(mayRetry(many(199, 'retries', busy), 20), true);
    assert.equal(mayRetry(many(200, 'retries', busy), 20), false);
  });

  it('forgets what is ten seconds old', () => {
    const spent = atSecond(many(30, 'retries', atSecond(noRetries, 100)), 109);
    assert.equal(mayRetry(spent, 20), false);
    assert.equal(mayRetry(atSecond(spent, 110), 20), true);
    assert.equal(mayRetry(atSecond(spent, 1_000_000), 20), true);
  });
});
