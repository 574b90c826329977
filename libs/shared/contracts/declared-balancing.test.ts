import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Balancing } from './balancing.ts';
import { balancingOf } from './declared-balancing.ts';
import type { BalancingTable } from './service-spec.ts';

describe('how a service wants its requests spread', () => {
  const table: readonly (readonly [declared: BalancingTable, told: Balancing | null])[] = [
    [{}, null],
    [{ balance: 'least-requests' }, { balance: 'least-requests' }],
    [
      { balance: 'hash', hash_by: 'cookie:a' },
      { balance: 'hash', hash_by: 'cookie:a' },
    ],
    [{ sticky: {} }, { sticky: {} }],
    [{ sticky: { cookie: 'stay' } }, { sticky: { cookie: 'stay' } }],
    [{ eject: {} }, { eject: { failures: 5, base_ms: 10_000, max_ms: 300_000, panic: 50 } }],
    [{ eject: { failures: 1, base: '1s', max: '2s', panic: 0 } }, { eject: { failures: 1, base_ms: 1_000, max_ms: 2_000, panic: 0 } }],
    [{ retry: {} }, { retry: { attempts: 2, statuses: [502, 503, 504], budget: 20 } }],
    [{ check: {} }, { check: { path: '/', interval_ms: 10_000, timeout_ms: 5_000, failures: 3, successes: 1 } }],
    [{ limit: { concurrent: 5 } }, { limit: { concurrent: 5, queue: 1_000, timeout_ms: 5_000 } }],
    [{ limit: { concurrent: 5, queue: 0, queue_timeout: '1s' } }, { limit: { concurrent: 5, queue: 0, timeout_ms: 1_000 } }],
  ];
  for (const [declared, told] of table) {
    it(`${JSON.stringify(declared)}`, () => {
      assert.deepEqual(balancingOf(declared), told);
      if (told) assert.deepEqual(Balancing.parse(told), told);
    });
  }
});
