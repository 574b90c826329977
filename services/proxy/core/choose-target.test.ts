import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { endpoints } from '../testing/endpoints.ts';
import { chooseTarget } from './choose-target.ts';

const ready = (count: number) =>
  endpoints(
    'web',
    Array.from({ length: count }, (_, index) => ({ id: `c${index}`, port: 80 })),
  ).targets;

describe('choosing a target', () => {
  it('takes turns evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1_000_000), (count, first) => {
        const chosen = Array.from({ length: count * 3 }, (_, step) => chooseTarget(ready(count), first + step, null)?.id);
        for (let index = 0; index < count; index += 1) assert.equal(chosen.filter((id) => id === `c${index}`).length, 3);
      }),
    );
  });

  it('goes on to one that was not tried, and ends when all were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.nat(100), (count, turn) => {
        const tried = new Set<string>();
        for (let target = chooseTarget(ready(count), turn, tried); target; target = chooseTarget(ready(count), turn, tried)) {
          assert.ok(!tried.has(target.id));
          tried.add(target.id);
        }
        assert.equal(tried.size, count);
      }),
    );
  });
});
