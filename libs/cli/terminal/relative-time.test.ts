import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { comingTime, formatDuration, nextRunTime, nextTry, relativeTime, timeOfDay } from './relative-time.ts';

const now = new Date('2026-03-01T12:00:00.000Z');

describe('relativeTime', () => {
  for (const [instant, expected] of [
    ['2026-03-01T12:00:00.000Z', 'now'],
    ['2026-03-01T11:59:59.001Z', 'now'],
    ['2026-03-01T11:59:57.000Z', '3 s ago'],
    ['2026-03-01T11:57:01.000Z', '2 min ago'],
    ['2026-03-01T09:59:59.000Z', '2 h ago'],
    ['2026-02-26T12:00:00.000Z', '3 d ago'],
    ['2026-03-01T12:00:25.900Z', 'in 25 s'],
  ] as const) {
    it(`says "${expected}" for ${instant}`, () => assert.equal(relativeTime(instant, now), expected));
  }
});

describe('a moment to come', () => {
  for (const [instant, time, run] of [
    ['2026-03-01T12:00:25.000Z', 'in 25 s', 'in 25 s'],
    ['2026-03-01T12:00:00.000Z', 'now', 'now'],
    ['2026-03-01T11:59:55.000Z', 'now', 'now'],
    ['2026-03-01T11:59:54.999Z', null, 'due 5 s ago'],
    ['2026-03-01T11:57:00.000Z', null, 'due 3 min ago'],
  ] as const) {
    it(`is ${time ?? 'over'} for ${instant}`, () => {
      assert.equal(comingTime(instant, now), time);
      assert.equal(nextTry(instant, now), time === null ? null : `next try ${time}`);
      assert.equal(nextRunTime(instant, now), run);
    });
  }
});

describe('formatDuration', () => {
  for (const [durationMs, expected] of [
    [850, '850 ms'],
    [3_290, '3.2 s'],
    [59_999, '59.9 s'],
    [60_000, '1 min'],
    [65_400, '1 min 5 s'],
  ] as const) {
    it(`says "${expected}" for ${durationMs}`, () => assert.equal(formatDuration(durationMs), expected));
  }
});

describe('timeOfDay', () => {
  it('is the local time with two digits each', () => {
    const local = new Date(2026, 2, 1, 4, 5, 6);
    assert.equal(timeOfDay(local.toISOString(), new Date(2026, 2, 1, 23, 59)), '04:05:06');
  });

  it('has its date on another day', () => {
    const local = new Date(2026, 2, 1, 4, 5, 6);
    assert.equal(timeOfDay(local.toISOString(), new Date(2026, 2, 2, 0, 1)), '2026-03-01 04:05:06');
  });
});
