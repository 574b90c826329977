import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { declared } from '../testing/observed.ts';
import { timingsOf } from './timings.ts';

describe('timingsOf', () => {
  it('has defaults, also where nobody knows what was declared', () => {
    const defaults = { drainMs: 30_000, settleMs: 5_000, graceMs: 10_000 };
    assert.deepEqual([timingsOf(null), timingsOf(declared())], [defaults, defaults]);
  });
  it('takes what is declared', () => {
    const spec = declared({ service: { stop_grace_period: '1m' }, drain: { timeout: '2s', dns_settle: '250ms' } });
    assert.deepEqual(timingsOf(spec), { drainMs: 2_000, settleMs: 250, graceMs: 60_000 });
  });
});
