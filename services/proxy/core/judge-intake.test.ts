import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isGivenUp, isInDoubt, judgeIntake, type SeenIntake } from './judge-intake.ts';

type Look = readonly [takenBytes: number, waitingBytes: number, queuedBytes: number | null];

/** At which look, counted from 1, the client is given up; null for never. The queue is asked about only where there is doubt. */
function givenUpAt(looks: readonly Look[]): number | null {
  let seen: SeenIntake | null = null;
  for (const [index, [takenBytes, waitingBytes, queuedBytes]] of looks.entries()) {
    const intake = { takenBytes, waitingBytes };
    seen = judgeIntake(seen, { ...intake, queuedBytes: isInDoubt(seen, intake) ? queuedBytes : null });
    if (isGivenUp(seen)) return index + 1;
  }
  return null;
}

const times = (count: number, look: Look): readonly Look[] => Array.from({ length: count }, () => look);
const each = (count: number, look: (index: number) => Look): readonly Look[] => Array.from({ length: count }, (_, index) => look(index));

describe('a client', () => {
  const cases: readonly (readonly [what: string, looks: readonly Look[], at: number | null])[] = [
    ['that has nothing to take is waited for', times(100, [10, 0, 0]), null],
    ['that takes nothing of what waits is given up after its whole time', times(100, [10, 5, 7]), 6],
    ['to which something was sent only just now has its whole time', [...times(50, [10, 0, 7]), ...times(50, [10, 5, 7])], 56],
    ['that takes one byte has its whole time again', [...times(5, [10, 5, 7]), ...times(50, [11, 4, 7])], 11],
    ['that takes one byte from the kernel has its whole time again', [...times(5, [10, 5, 7]), ...times(50, [10, 5, 6])], 10],
    ['that takes as much as comes is waited for', each(100, (index) => [index, 5, 7]), null],
    ['that takes from the kernel alone is waited for', each(100, (index) => [10, 5, 200 - index]), null],
    ['that has taken all that the kernel had is waited for', times(100, [10, 5, 0]), null],
    ['of which the kernel knows nothing is waited for', times(100, [10, 5, null]), null],
    ['that the kernel did not know once has its whole time again', [...times(5, [10, 5, 7]), [10, 5, null], ...times(50, [10, 5, 7])], 11],
    ['that has taken everything once has its whole time again', [...times(5, [10, 5, 7]), [15, 0, 7], ...times(50, [15, 5, 7])], 12],
    ['to which more and more is sent is given up all the same', each(100, (index) => [10, index + 1, 7]), 6],
  ];
  for (const [what, looks, at] of cases) it(what, () => assert.equal(givenUpAt(looks), at));

  it('is waited for, whatever it takes, as long as it takes something in every fourth look', () => {
    const steps = fc.array(fc.record({ idle: fc.nat({ max: 3 }), fromKernel: fc.boolean() }), { maxLength: 50 });
    fc.assert(
      fc.property(steps, (taking) => {
        let [taken, queued] = [10, 1_000];
        const looks = taking.flatMap(({ idle, fromKernel }): readonly Look[] => {
          if (fromKernel) queued -= 1;
          else taken += 1;
          return times(idle + 1, [taken, 5, queued]);
        });
        assert.equal(givenUpAt(looks), null);
      }),
    );
  });
});
