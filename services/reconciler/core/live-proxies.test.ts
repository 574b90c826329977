import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ProxyRecord } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { judgeProxy } from './live-proxies.ts';

const at = '2026-01-01T00:00:00.000Z';
const record = ProxyRecord.parse({
  node: 'local',
  instance: 'p1',
  container: 'c',
  startedAt: at,
  heartbeatAt: at,
  beats: 1,
  goodbye: false,
  applied: {},
  open: {},
});
const base = { record, silentForMs: 0, containerRuns: null };
const lostAfterMs = 60_000;

describe('judgeProxy', () => {
  const table = [
    ['is live while its heart beats', base, 100_000, 'live'],
    ['is gone after its goodbye', { ...base, record: { ...record, goodbye: true } }, 0, 'gone'],
    ['is gone when the engine says that its container does not run', { ...base, containerRuns: false }, 0, 'gone'],
    ['is silent after missed heartbeats', { ...base, silentForMs: 20_000 }, 100_000, 'silent'],
    ['is gone after long silence', { ...base, silentForMs: 60_000 }, 60_000, 'gone'],
    ['is not gone when we were deaf meanwhile', { ...base, silentForMs: 90_000 }, 59_999, 'silent'],
    ['is gone by silence even when its container runs', { ...base, silentForMs: 60_000, containerRuns: true }, 60_000, 'gone'],
  ] as const;
  for (const [name, sighting, connectedForMs, expected] of table) {
    it(name, () => assert.equal(judgeProxy({ sighting, connectedForMs, lostAfterMs }), expected));
  }

  it('is never gone without one of the three reasons', () => {
    fc.assert(
      fc.property(fc.nat(120_000), fc.nat(120_000), fc.constantFrom(null, true), (silentForMs, connectedForMs, containerRuns) => {
        const state = judgeProxy({ sighting: { record, silentForMs, containerRuns }, connectedForMs, lostAfterMs });
        assert.equal(state === 'gone', silentForMs >= lostAfterMs && connectedForMs >= lostAfterMs);
      }),
    );
  });
});
