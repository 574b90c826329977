import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { backOffMs, patientBackOff } from './back-off.ts';

describe('back-off', () => {
  it('follows the table and stays at its end', () => {
    const waits = [1, 2, 5, 6, 100].map((failures) => backOffMs({ table: patientBackOff, failures, random: 0 }));
    assert.deepEqual(waits, [30_000, 60_000, 600_000, 600_000, 600_000]);
  });

  it('adds at most a fifth', () => assert.equal(backOffMs({ table: [1_000], failures: 1, random: 0.999 }), 1_200));

  it('never asks sooner than it was told', () => {
    assert.equal(backOffMs({ table: [1_000], failures: 1, random: 0, retryAfterMs: 90_000 }), 90_000);
  });
});
