import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { otherValues } from './replace-value.ts';
import { parseToml } from './toml-document.ts';

describe('otherValues', () => {
  const first: readonly (readonly [value: string, other: string])[] = [
    ['8080', '8081'],
    ['9', '8'],
    ['0', '1'],
    ['1.5', '2.6'],
    ['true', 'false'],
    ['nan', 'inf'],
    ['["a", "b"]', '["b", "c"]'],
    ['hunter2', 'hunter3'],
    ['a\\nb', 'b\\nc'],
    ['\\u0041', '\\u0042'],
    ['', 'x'],
    ['!!', '!!x'],
    ['constructor', 'constructos'],
  ];
  for (const [value, other] of first) {
    it(`first tries ${JSON.stringify(other)} for ${JSON.stringify(value)}`, () => assert.equal(otherValues(value)[0], other));
  }

  it('never gives the value itself, and always something', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        assert.ok(otherValues(value).length > 0);
        assert.ok(!otherValues(value).includes(value));
      }),
    );
  });

  const typed = fc.oneof(
    fc.integer().map(String),
    fc.integer({ min: 0 }).map((number) => `0x${number.toString(16)}`),
    fc.integer({ min: 0 }).map((number) => `0o${number.toString(8)}`),
    fc.integer({ min: 0 }).map((number) => `0b${number.toString(2)}`),
    // The smallest numbers of all have neighbours that round to them: no other digit makes another value.
    fc
      .double({ noNaN: true, min: -1e300, max: 1e300 })
      .filter((number) => number === 0 || Math.abs(number) > 1e-300)
      .map((number) => number.toExponential(3)),
    fc.boolean().map(String),
    fc.date({ min: new Date('1990-01-01'), max: new Date('2080-12-31'), noInvalidDate: true }).map((date) => date.toISOString()),
    fc.array(fc.nat(9_999)).map((numbers) => JSON.stringify(numbers)),
  );

  it('has a candidate of the same kind for every kind that TOML writes bare', () => {
    fc.assert(
      fc.property(typed, (value) => {
        if (value === '[]') return;
        const [before, after] = [value, otherValues(value).find((other) => parseToml(`a = ${other}`).ok)].map((text) =>
          parseToml(`a = ${text}`),
        );
        assert.ok(before?.ok && after?.ok, value);
        const kindOf = (root: unknown) => Object.values(root ?? {}).map((each) => (each instanceof Date ? 'date' : typeof each));
        assert.deepEqual(kindOf(after.root), kindOf(before.root));
        assert.notDeepEqual(after.root, before.root);
      }),
    );
  });
});
