import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressesClash } from './address-clash.ts';

describe('two addresses of the host', () => {
  for (const [left, right, clash] of [
    [undefined, '10.0.0.7', true],
    ['10.0.0.7', '0.0.0.0', true],
    ['::', '10.0.0.7', true],
    ['0::0', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.7', true],
    ['10.0.0.7', '10.0.0.8', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['2001:DB8::7', '2001:db8:0:0::7', true],
    ['::1', '::2', false],
  ] as const) {
    it(`${left ?? 'everywhere'} and ${right} ${clash ? 'are one' : 'are two'}`, () => {
      assert.equal(addressesClash(left, right), clash);
      assert.equal(addressesClash(right, left), clash);
    });
  }
});
