import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRetryAfterMs, pauseAskedBy } from './retry-after.ts';

const now = new Date('2026-01-01T00:00:00.000Z');

describe('Retry-After', () => {
  for (const [header, ms] of [
    ['5', 5_000],
    [' 0 ', 0],
    ['1.5', 1_500],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 23:59:00 GMT', 0],
    ['999999', 3_600_000],
    ['-5', null],
    ['soon', null],
    ['2026', 2_026_000],
    ['', null],
    [null, null],
  ] as const) {
    it(`reads ${header} as ${ms}`, () => assert.equal(parseRetryAfterMs(header, now), ms));
  }
});

describe('a pause', () => {
  const limited = { kind: 'trouble', code: 'REGISTRY_RATE_LIMITED' };
  for (const [status, headers, pause] of [
    [429, { 'retry-after': '5' }, { ...limited, retryAfterMs: 5_000 }],
    [429, {}, limited],
    [503, { 'retry-after': '5' }, { ...limited, retryAfterMs: 5_000 }],
    [503, {}, null],
    [500, { 'retry-after': '5' }, null],
  ] as const) {
    const answer = { status, headers: new Headers(headers) };
    it(`is ${pause ? '' : 'not '}asked for by HTTP ${status} with ${JSON.stringify(headers)}`, () =>
      assert.deepEqual(pauseAskedBy(answer, now), pause));
  }
});
