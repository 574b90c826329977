import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isKnown } from './known-service.ts';

describe('isKnown', () => {
  const nothing = { record: null, endpoints: undefined, bars: null };
  it('does not hold where the store has no trace', () => assert.equal(isKnown(nothing), false));
  for (const trace of ['record', 'endpoints', 'bars'])
    it(`holds with ${trace} alone`, () => assert.equal(isKnown({ ...nothing, [trace]: {} }), true));
});
