import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StatusReply } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createFakeBus } from './testing/fake-bus.ts';
import { noPause } from './testing/run-line.ts';
import { statusReply } from './testing/samples.ts';
import { waitForStatus } from './wait-for-status.ts';

const down = { since: '2026-03-01T11:58:00.000Z' };
const isThere = (status: StatusReply) => !status.down;
const late = () => new RetryableError('STILL_DOWN', 'late');

function waitOn(looksDown: number, { signal = new AbortController().signal, timeoutMs = 20_000 } = {}) {
  let looks = 0;
  const bus = createFakeBus({
    'status.services': () => {
      looks += 1;
      return looks > looksDown ? statusReply() : statusReply({ down });
    },
  });
  return { bus, ended: waitForStatus({ bus, signal, pause: noPause }, { isThere, late, tell: () => undefined, timeoutMs }) };
}

describe('waitForStatus', () => {
  it('looks until the status is the one that is waited for', async () => {
    const { bus, ended } = waitOn(2);
    assert.deepEqual([await ended, bus.asked.length], [statusReply(), 3]);
  });

  it('gives the status as it is when nobody waits any more', async () => {
    assert.deepEqual(await waitOn(Number.POSITIVE_INFINITY, { signal: AbortSignal.abort() }).ended, statusReply({ down }));
  });

  it('says what is wrong when it does not come in time', async () => {
    await assert.rejects(waitOn(Number.POSITIVE_INFINITY, { timeoutMs: 0 }).ended, { code: 'STILL_DOWN' });
    assert.deepEqual(await waitOn(0, { timeoutMs: 0 }).ended, statusReply());
  });
});
