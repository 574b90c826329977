import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEnvironment } from '@kedge/shared/service';
import fc from 'fast-check';
import { ProxyConfig } from '../config.ts';
import { closeWithinMs, drainLeftMs, type HandOverOutcome, handOverBounds, openLeftMs } from './stop-schedule.ts';

describe('the time that ending takes', () => {
  const standard = readEnvironment(ProxyConfig, {});

  it('lets a replacement come nearly until the engine kills', () => {
    assert.deepEqual(handOverBounds(standard), { withinMs: 3_000, atMostMs: 8_000 });
    assert.deepEqual(handOverBounds({ ...standard, KEDGE_PROXY_STOP_GRACE_PERIOD: 60_000 }), { withinMs: 3_000, atMostMs: 58_000 });
  });

  it('is never shorter for somebody who is known to come', () => {
    assert.deepEqual(handOverBounds({ ...standard, KEDGE_HANDOVER_TIMEOUT: 120_000 }), { withinMs: 120_000, atMostMs: 120_000 });
  });

  it('fits into the grace period when a drain does', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 2_000, max: 100_000 }), share, share, (graceMs, handOver, drain) => {
        const settings = {
          KEDGE_PROXY_STOP_GRACE_PERIOD: graceMs,
          KEDGE_HANDOVER_TIMEOUT: handOver * (graceMs - 2_000),
          KEDGE_DRAIN_TIMEOUT: drain * (graceMs - 1_000),
        };
        assert.ok(closeWithinMs(settings) <= graceMs);
      }),
    );
  });

  const open: readonly (readonly [string, HandOverOutcome, number, number])[] = [
    ['is all but the last second when nobody comes', 'nobody-comes', 0, 3_000],
    ['counts the hand-over', 'nobody-comes', 100, 2_900],
    ['is over when nobody came in time', 'too-late', 3_000, 0],
    ['is never negative', 'too-late', 8_000, 0],
    ['is over when another one serves', 'served', 100, 0],
    ['is over where nobody was to be waited for', 'switched-off', 0, 0],
  ];
  for (const [title, outcome, tookMs, leftMs] of open) {
    it(`with an open door ${title}`, () => assert.equal(openLeftMs({ outcome, drainMs: 4_000, tookMs }), leftMs));
  }

  const drains: readonly (readonly [string, HandOverOutcome, number, number, number])[] = [
    ['is what the settings say after a hand-over that took no time', 'nobody-comes', 4_000, 0, 4_000],
    ['is shorter after a hand-over', 'too-late', 4_000, 2_500, 1_500],
    ['is a second after a long one, for whoever came last', 'too-late', 4_000, 8_000, 1_000],
    ['is never longer than the settings say', 'nobody-comes', 100, 8_000, 100],
    ['is what the engine gives while another one serves', 'served', 4_000, 500, 8_500],
    ['is a second at the end of that', 'served', 4_000, 8_000, 1_000],
    ['is never shorter because another one serves', 'served', 60_000, 500, 59_500],
  ];
  for (const [title, outcome, drainMs, tookMs, leftMs] of drains) {
    it(`of the requests under way ${title}`, () => assert.equal(drainLeftMs({ outcome, drainMs, graceMs: 10_000, tookMs }), leftMs));
  }
});
