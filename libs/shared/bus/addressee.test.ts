import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leaveToOthers } from './addressee.ts';

/** In the middle: neither sooner nor later. */
const random = 0.5;

describe('a command', () => {
  it('of our own node is ours, however old it is', () => {
    for (const ageMs of [0, 7 * 24 * 3_600_000])
      assert.equal(leaveToOthers({ of: 'local', by: 'local', present: true, ageMs, random }), null);
  });

  it('of another node that is away is left to it for a while, and offered less often the older it is', () => {
    const ages = [-5_000, 0, 8_000, 16_000, 80_000, 300_000, 599_999];
    const waits = ages.map((ageMs) => leaveToOthers({ of: 'other', by: 'local', present: false, ageMs, random }));
    const expected = [1_000, 1_000, 1_000, 2_000, 10_000, 30_000, 30_000].map((afterMs) => ({ kind: 'later', afterMs }));
    assert.deepEqual(waits, expected);
  });

  it('of another node that is there is offered every second, however old it is', () => {
    const waits = [0, 80_000, 599_999].map((ageMs) => leaveToOthers({ of: 'other', by: 'local', present: true, ageMs, random }));
    assert.deepEqual(
      waits,
      [0, 1, 2].map(() => ({ kind: 'later', afterMs: 1_000 })),
    );
  });

  it('of another node does not come again at the same moment each time', () => {
    const waits = [0, 0.25, 0.75].map((each) => leaveToOthers({ of: 'other', by: 'local', present: true, ageMs: 0, random: each }));
    const expected = [500, 750, 1_250].map((afterMs) => ({ kind: 'later', afterMs }));
    assert.deepEqual(waits, expected);
  });

  for (const [present, atLeast] of [
    [false, 35],
    // One of fifty nodes that each take it as often as the others is missed by chance once in 100,000 times.
    [true, 590],
  ] as const) {
    it(`of another node that is ${present ? 'there' : 'away'} is offered at least ${atLeast} times before it is refused`, () => {
      let offers = 0;
      for (let ageMs = 0; ; offers += 1) {
        const left = leaveToOthers({ of: 'other', by: 'local', present, ageMs, random });
        if (left?.kind !== 'later') break;
        ageMs += left.afterMs;
      }
      assert.ok(offers >= atLeast && offers < atLeast * 2, `${offers}`);
    });
  }

  it('of another node that nobody took is refused at last, with a reason', () => {
    const left = leaveToOthers({ of: 'other', by: 'local', present: false, ageMs: 600_000, random });
    assert.deepEqual(left, { kind: 'rejected', reason: 'it is for node other, of which nobody took it; this is node local' });
  });
});
