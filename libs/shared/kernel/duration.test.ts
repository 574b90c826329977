import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseDurationMs } from './duration.ts';

describe('a duration', () => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['1h', 3_600_000],
    ['1.5s', 1_500],
    [' 2s ', 2_000],
  ] as const) {
    it(`${text} is ${ms} ms`, () => assert.equal(parseDurationMs(text), ms));
  }

  for (const wrong of ['', '10', 's', '10 s', '-1s', '1d', '10sx']) {
    it(`refuses ${JSON.stringify(wrong)}`, () => assert.throws(() => parseDurationMs(wrong), { code: 'DURATION_INVALID' }));
  }
});
