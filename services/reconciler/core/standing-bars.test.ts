import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseOf } from '../testing/observed.ts';
import { digestOf } from '../testing/simulation.ts';
import { barAgainst, standingBars } from './standing-bars.ts';

const bar = {
  release: releaseOf('v2'),
  digest: digestOf('v2'),
  reason: 'gate-failed' as const,
  message: 'it was not ready',
  rollout: '01JZ0000000000000000000000',
  at: '2026-01-01T00:00:00.000Z',
};

describe('standingBars', () => {
  it('keeps a verdict under the same declaration, and one that names none', () => {
    const bars = [bar, { ...bar, declaration: 'same' }];
    assert.deepEqual(standingBars(bars, 'same'), bars);
  });
  it('lets go of a verdict about another declaration', () => {
    assert.deepEqual(standingBars([{ ...bar, declaration: 'before' }], 'now'), []);
  });
});

describe('barAgainst', () => {
  it('is the verdict about this release under this declaration', () => {
    const declared = { ...bar, declaration: 'same' };
    assert.deepEqual([barAgainst(bar.release, [declared], 'same'), barAgainst(bar.release, [declared], 'other')], [declared, null]);
    assert.deepEqual([barAgainst(releaseOf('v3'), [bar], 'same'), barAgainst(null, [bar], 'same')], [null, null]);
  });
});
