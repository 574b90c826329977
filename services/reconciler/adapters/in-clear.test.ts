import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Sealed } from '@kedge/shared/kernel';
import { allInClear, inClear } from './in-clear.ts';

describe('what the engine is told', () => {
  it('is the value itself, secret or not', () => {
    assert.deepEqual([inClear('plain'), inClear(new Sealed('hunter2'))], ['plain', 'hunter2']);
    assert.deepEqual(allInClear({ A: 'plain', B: new Sealed('hunter2') }), { A: 'plain', B: 'hunter2' });
  });
});
