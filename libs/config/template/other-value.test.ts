import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { otherValue } from './other-value.ts';

describe('another value of the same shape', () => {
  for (const [value, other] of [
    ['8080', '9191'],
    ['0', '1'],
    ['true', 'false'],
    ['512m', '623n'],
    ['hunter2:pass', 'ivoufs3:qbtt'],
    ['2026-01-11', '3137-12-22'],
    ['["serve", "--fast"]', '["tfswf", "--abtu"]'],
    ['a\\nb', 'b\\nc'],
    ['fé9', 'ax8'],
    ['---', '---x'],
    ['', ''],
  ] as const) {
    it(`is ${JSON.stringify(other)} for ${JSON.stringify(value)}`, () => assert.equal(otherValue(value), other));
  }

  it('differs in every letter and digit, and keeps signs and white space', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9 .:/@"'#$\n-]+$/), (value) => {
        const other = otherValue(value);
        assert.notEqual(other, value);
        assert.ok(!/[a-zA-Z0-9]/.test(value) || value === 'true' || value === 'false' || other.length === value.length);
        const signs = (text: string) => text.replaceAll(/[a-zA-Z0-9]/g, '_');
        if (other.length === value.length && value !== 'true') assert.equal(signs(other), signs(value));
      }),
    );
  });

  it('stays a value of TOML where the value was a number', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.nat().map(String),
          fc.tuple(fc.nat(), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
        ),
        (value) => {
          assert.notDeepEqual(parse(`a = ${otherValue(value)}`), parse(`a = ${value}`));
        },
      ),
    );
  });
});
