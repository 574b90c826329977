import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPatience } from './patience.ts';

describe('patience', () => {
  it('grows with every failure in a row, up to a bound, for each thing by itself', () => {
    const patience = createPatience<'web' | 'db'>(() => 0);
    const waits = Array.from({ length: 6 }, () => patience.failed('web'));
    assert.deepEqual(waits, [500, 1_000, 2_000, 5_000, 5_000, 5_000]);
    assert.equal(patience.failed('db'), 500);
  });

  it('begins anew after a success', () => {
    const patience = createPatience<'web'>(() => 0);
    patience.failed('web');
    patience.succeeded('web');
    assert.equal(patience.failed('web'), 500);
  });
});
