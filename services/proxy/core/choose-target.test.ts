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

interface Turn {
  readonly turn: number;
  readonly tried?: ReadonlySet<string>;
  readonly avoided?: readonly string[];
}

const choose = (count: number, { turn, tried, avoided = [] }: Turn) =>
  chooseTarget(ready(count), { turn, tried: tried ?? null, isAvoided: (id) => avoided.includes(id) });

describe('choosing a target', () => {
  it('leaves out one that could not be reached a moment ago, as long as there is another', () => {
    const chosen = [0, 1, 2, 3, 4].map((turn) => choose(3, { turn, avoided: ['c1'] })?.id);
    assert.deepEqual(chosen, ['c0', 'c0', 'c2', 'c0', 'c2']);
    assert.equal(choose(3, { turn: 0, tried: new Set(['c0', 'c2']), avoided: ['c1'] })?.id, 'c1');
    assert.equal(choose(1, { turn: 0, avoided: ['c0'] })?.id, 'c0');
  });

  it('takes turns evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1_000_000), (count, first) => {
        const chosen = Array.from({ length: count * 3 }, (_, step) => choose(count, { turn: first + step })?.id);
        for (let index = 0; index < count; index += 1) assert.equal(chosen.filter((id) => id === `c${index}`).length, 3);
      }),
    );
  });

  it('divides the turns of those that are avoided evenly among the others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(1_000), fc.array(fc.nat(8)), (count, first, out) => {
        const avoided = new Set(out.filter((index) => index < count).map((index) => `c${index}`));
        const left = count - avoided.size;
        fc.pre(left > 0);
        const chosen = Array.from(
          { length: count * left },
          (_, step) => choose(count, { turn: first * count + step, avoided: [...avoided] })?.id,
        );
        const counts = ready(count).flatMap(({ id }) => (avoided.has(id) ? [] : [chosen.filter((each) => each === id).length]));
        assert.deepEqual(counts, Array<number>(left).fill(count));
      }),
    );
  });

  it('goes on to one that was not tried, and ends when all were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9 }), fc.nat(100), (count, turn) => {
        const tried = new Set<string>();
        for (let target = choose(count, { turn, tried }); target; target = choose(count, { turn, tried })) {
          assert.ok(!tried.has(target.id));
          tried.add(target.id);
        }
        assert.equal(tried.size, count);
      }),
    );
  });
});
