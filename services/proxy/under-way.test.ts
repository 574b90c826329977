import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createUnderWay } from './under-way.ts';

describe('what is under way', () => {
  it('is what began before and has not ended', () => {
    const underWay = createUnderWay();
    const endFirst = underWay.begin();
    const endSecond = underWay.begin();
    endFirst();
    const left = underWay.now();
    assert.equal(left(), 1);
    endSecond();
    assert.equal(left(), 0);
  });

  it('does not grow by whoever comes later, however often it is asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('begin', 'end', 'now')), (happens) => {
        const underWay = createUnderWay();
        const open: { readonly id: number; readonly end: () => void }[] = [];
        const asked: { readonly expected: Set<number>; readonly left: () => number }[] = [];
        for (const [id, what] of happens.entries()) {
          if (what === 'begin') open.push({ id, end: underWay.begin() });
          if (what === 'now') asked.push({ expected: new Set(open.map((each) => each.id)), left: underWay.now() });
          const ended = what === 'end' ? open.shift() : undefined;
          ended?.end();
          for (const { expected } of asked) if (ended) expected.delete(ended.id);
          for (const { expected, left } of asked) assert.equal(left(), expected.size);
        }
      }),
    );
  });
});
