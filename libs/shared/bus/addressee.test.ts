import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leaveToOthers } from './addressee.ts';

describe('a command', () => {
  it('of our own node is ours, however old it is', () => {
    for (const ageMs of [0, 7 * 24 * 3_600_000]) assert.equal(leaveToOthers({ of: 'local', by: 'local', ageMs }), null);
  });

  it('of another node is left to it for a while', () => {
    for (const ageMs of [-5_000, 0, 599_999])
      assert.deepEqual(leaveToOthers({ of: 'other', by: 'local', ageMs }), { kind: 'later', afterMs: 1_000 });
  });

  it('of another node that nobody took is refused at last, with a reason', () => {
    const left = leaveToOthers({ of: 'other', by: 'local', ageMs: 600_000 });
    assert.deepEqual(left, { kind: 'rejected', reason: 'it is for node other, of which nobody took it; this is node local' });
  });
});
