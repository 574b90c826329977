import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dealFiles, readTimes } from './deal-tests.ts';

describe('the files of unit tests', () => {
  it('are dealt each to one part, and no part is longer than another by more than its last file', () => {
    const Took = fc.dictionary(fc.string({ minLength: 1 }), fc.integer({ min: 1, max: 9_000 }));
    fc.assert(
      fc.property(Took, fc.integer({ min: 1, max: 6 }), (took, parts) => {
        const tookMs = new Map(Object.entries(took));
        const dealt = dealFiles([...tookMs.keys()], parts, tookMs);
        assert.equal(dealt.length, parts);
        assert.deepEqual(dealt.flat().toSorted(), [...tookMs.keys()].toSorted());
        const sums = dealt.map((files) => files.reduce((sum, file) => sum + (tookMs.get(file) ?? 0), 0));
        const shortest = Math.min(...sums);
        for (const [index, files] of dealt.entries()) {
          const last = Math.min(...files.map((file) => tookMs.get(file) ?? 0));
          assert.ok(files.length === 0 || (sums[index] ?? 0) - last <= shortest);
        }
      }),
    );
  });

  it('are counted alike where nobody has measured them', () => {
    assert.deepEqual(dealFiles(['d', 'c', 'b', 'a'], 2, new Map()), [
      ['a', 'c'],
      ['b', 'd'],
    ]);
  });

  it('took what was written of them, added up', () => {
    const times = readTimes('12 a.test.ts\n30 b.test.ts\n3 a.test.ts\n\nnothing\n');
    assert.deepEqual(Object.fromEntries(times), { 'a.test.ts': 15, 'b.test.ts': 30 });
  });
});
