import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { networkPlan } from './core/networks/network-plan.ts';
import { createNetworkRefusals, refusalOf } from './network-refusals.ts';
import { node } from './testing/simulated-proxies.ts';

const plan = networkPlan({ name: 'wide', driver: 'overlay' }, node);
const otherwise = networkPlan({ name: 'wide' }, node);
const refusal = { code: 'ENGINE_REFUSED', message: 'no swarm' };

describe('what the engine refused to make', () => {
  let nowMs = 0;
  const open = () => createNetworkRefusals({ clock: { monotonicMs: () => nowMs }, random: () => 0 });

  it('is asked for again the later the more often it was refused in a row', () => {
    const refusals = open();
    assert.equal(refusals.isTooEarly(plan), false);
    for (const waitMs of [5_000, 30_000, 60_000, 120_000, 300_000, 600_000, 600_000]) {
      refusals.note(plan, refusal);
      nowMs += waitMs - 1;
      assert.equal(refusals.isTooEarly(plan), true);
      nowMs += 1;
      assert.equal(refusals.isTooEarly(plan), false);
    }
  });

  it('is asked for again soon where the engine itself may have been the trouble', () => {
    const refusals = open();
    for (const waitMs of [2_000, 5_000, 10_000, 30_000, 30_000]) {
      refusals.note(plan, { code: 'ENGINE_ERROR', message: 'no space left on device' });
      nowMs += waitMs - 1;
      assert.equal(refusals.isTooEarly(plan), true);
      nowMs += 1;
      assert.equal(refusals.isTooEarly(plan), false);
    }
  });

  it('is known as long as it is planned like this', () => {
    const refusals = open();
    refusals.note(plan, refusal);
    assert.equal(refusals.find(plan)?.message, 'no swarm');
    assert.deepEqual([refusals.find(otherwise), refusals.isTooEarly(otherwise)], [null, false]);
    refusals.keepOnly([plan]);
    assert.notEqual(refusals.find(plan), null);
    refusals.keepOnly([otherwise]);
    assert.equal(refusals.find(plan), null);
  });
});

describe('what an error says about one network', () => {
  it("is the engine's own sentence, else the message", () => {
    const details = { sentence: 'no swarm' };
    assert.deepEqual(refusalOf(new TerminalError('ENGINE_REFUSED', 'was refused: no swarm', { details })), {
      code: 'ENGINE_REFUSED',
      message: 'the engine does not make it: no swarm',
    });
    assert.deepEqual(refusalOf(new RetryableError('SUBNET_TAKEN', 'all are taken')), { code: 'SUBNET_TAKEN', message: 'all are taken' });
  });

  it('is nothing when nobody answered, nobody may act, the bus was in the way, or the fault is ours', () => {
    const codes = [
      'ENGINE_UNREACHABLE',
      'STANDING_BY',
      'WORLD_MOVED',
      'BUS_UNAVAILABLE',
      'BUS_REFUSED',
      'REQUEST_UNANSWERED',
      'REPLY_INVALID',
      'CONTRACT_VIOLATION',
      'TOO_LARGE',
    ];
    for (const thrown of [...codes.map((code) => new RetryableError(code, '')), new TypeError('x'), 'x'])
      assert.equal(refusalOf(thrown), null, String(thrown));
  });
});
