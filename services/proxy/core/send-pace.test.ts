import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maySend } from './send-pace.ts';

describe('a request is sent', () => {
  const cases: readonly (readonly [when: string, atTarget: number, isBusy: boolean, waitedMs: number, expected: boolean])[] = [
    ['while few are at its target', 63, true, 0, true],
    ['not where many are and there is no time to spare', 64, true, 499, false],
    ['where many are and there is', 5_000, false, 0, true],
    ['when it waited long enough', 5_000, true, 500, true],
  ];
  for (const [when, atTarget, isBusy, waitedMs, expected] of cases)
    it(when, () => assert.equal(maySend({ atTarget, isBusy: () => isBusy, waitedMs }), expected));
});
