import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAge } from './parse-age.ts';

const hourMs = 3_600_000;

describe('parseAge', () => {
  for (const [text, ms] of [
    ['500ms', 500],
    ['1h30m', 1.5 * hourMs],
    ['2d', 48 * hourMs],
    [' 2d ', 48 * hourMs],
    ['2D', 48 * hourMs],
    ['1.5d', 36 * hourMs],
    ['1d12h', 36 * hourMs],
    ['0d', 0],
    ['99999999999999999999d', 8.64e27],
  ] as const) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(parseAge(text), ms));
  }

  for (const text of ['', ' ', '5', 'd', '2days', '2dd', '1h2d', '-1d', '1e3d', '.5d', 'yesterday', '9'.repeat(20)]) {
    it(`refuses ${JSON.stringify(text)}, and names it as it was typed`, () =>
      assert.throws(() => parseAge(text), {
        code: 'DURATION_INVALID',
        message: `"${text}" is no time to look back; write it like "30s", "10m", "1h30m" or "2d"`,
      }));
  }
});
