import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, hashJson, sameJson } from './canonical-json.ts';

/** The same value with the keys of every object in the opposite order. */
function turnedRound(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnedRound);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, each]) => [key, turnedRound(each)]),
  );
}

describe('canonical JSON', () => {
  it('sorts keys, and writes numbers and text as RFC 8785 does', () => {
    assert.equal(canonicalJson({ b: [1e21, 0.5, -0], a: { z: 'ö\n', y: null } }), '{"a":{"y":null,"z":"ö\\n"},"b":[1e+21,0.5,0]}');
  });

  it('has for ever the same hash for the same value', () => {
    assert.equal(hashJson({}), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });

  it('is the same whatever the order of keys, and reads back as what was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.ok(sameJson(value, turnedRound(value)));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('differs for lists in another order, and for a key that is not there', () => {
    assert.equal(sameJson([1, 2], [2, 1]), false);
    assert.equal(sameJson({ a: null }, {}), false);
  });

  it('is refused to what is no JSON', () => {
    for (const value of [undefined, () => 1]) assert.throws(() => canonicalJson(value), { code: 'NOT_JSON' });
  });
});
