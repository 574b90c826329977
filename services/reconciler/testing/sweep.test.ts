import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { spread } from './sweep.ts';

const Last = fc.integer({ min: 0, max: 400 });
const Count = fc.integer({ min: 1, max: 30 });

describe('a sample of calls', () => {
  it('has as many as are asked for, each once and within the bounds', () => {
    fc.assert(
      fc.property(Last, Count, fc.nat(), (last, count, seed) => {
        const chosen = spread(last, count, seed);
        assert.ok(chosen.length >= Math.min(last, count), `${chosen.length} of ${last}`);
        assert.equal(new Set(chosen).size, chosen.length);
        assert.ok(chosen.every((call) => call >= 1 && call <= last));
      }),
    );
  });

  it('comes to each of them with one seed or another', () => {
    fc.assert(
      fc.property(Last, Count, (last, count) => {
        const seen = new Set(Array.from({ length: last }, (_, seed) => spread(last, count, seed)).flat());
        assert.equal(seen.size, last);
      }),
      { numRuns: 30 },
    );
  });

  it('is everything when everything is asked for', () => assert.deepEqual(spread(4, 4, 3), [1, 2, 3, 4]));
});
