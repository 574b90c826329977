import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName } from '@kedge/shared/contracts';
import { createRetryBudgets } from './retry-budgets.ts';

const [web, api] = [ServiceName.parse('web'), ServiceName.parse('api')];

describe('the budgets of retries', () => {
  it('are of each service by itself, a share of its requests, and a few in any case', () => {
    const budgets = createRetryBudgets(() => 0);
    const granted = (service: ServiceName) => Array.from({ length: 100 }, () => budgets.take(service, 20)).filter(Boolean).length;
    for (let request = 0; request < 200; request += 1) budgets.count(web);
    assert.deepEqual([granted(web), granted(api), granted(web)], [40, 30, 0]);
  });

  it('are those of the last ten seconds', () => {
    let now = 0;
    const budgets = createRetryBudgets(() => now);
    while (budgets.take(web, 0));
    now = 9_999;
    assert.equal(budgets.take(web, 0), false);
    now = 10_000;
    assert.equal(budgets.take(web, 0), true);
  });
});
