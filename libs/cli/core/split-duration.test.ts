import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { splitDuration } from './split-duration.ts';

describe('splitDuration', () => {
  for (const [what, waitedUntil, expected] of [
    ['took all of it where nothing stood in the way', null, { tookMs: 181_000, waitedMs: 0 }],
    ['counts from when the obstacle was gone', 197_000, { tookMs: 3_000, waitedMs: 178_000 }],
    ['leaves out what was waited before it began', 10_000, { tookMs: 181_000, waitedMs: 0 }],
    ['bears a clock that is ahead', 201_000, { tookMs: 0, waitedMs: 181_000 }],
  ] as const) {
    it(what, () => assert.deepEqual(splitDuration({ endedAt: 200_000, durationMs: 181_000, waitedUntil }), expected));
  }

  it('loses no time, whatever the clocks say', () => {
    const times = fc.record({ endedAt: fc.nat(), durationMs: fc.nat(), waitedUntil: fc.option(fc.integer()) });
    fc.assert(
      fc.property(times, (ended) => {
        const { tookMs, waitedMs } = splitDuration(ended);
        assert.ok(tookMs >= 0 && waitedMs >= 0);
        assert.equal(tookMs + waitedMs, ended.durationMs);
      }),
    );
  });
});
