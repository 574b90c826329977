import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { downReason } from './down-reason.ts';

describe('downReason', () => {
  it('says since when, by whom where that is known, and what to do', () => {
    const since = '2026-01-01T00:00:00.000Z';
    assert.match(downReason({ since }), /taken down at 2026-01-01T00:00:00.000Z; "kedge up"/);
    assert.match(downReason({ since, actor: 'ada' }), /000Z by ada; /);
  });
});
