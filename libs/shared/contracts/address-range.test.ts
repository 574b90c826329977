import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AddressRange, isAddressRange } from './address-range.ts';

describe('a range of addresses', () => {
  for (const [text, isOne] of [
    ['10.0.0.7', true],
    ['10.0.0.0/8', true],
    ['::/0', true],
    ['2001:DB8:0::/32', true],
    ['::1', true],
    ['::ffff:0:0:1', true],
    ['10.0.0.0/33', false],
    ['::/129', false],
    ['fe80::1%eth0', false],
    ['::ffff:10.0.0.0/104', false],
    ['::ffff:a00:0/104', false],
    ['0:0:0:0:0:ffff:10.0.0.1', false],
    ['0:0:0:0:0:FFFF:a00:1', false],
    ['::ffff:0:0/96', false],
    ['c4nary', false],
  ] as const) {
    it(`is ${isOne ? '' : 'not '}${text}`, () => {
      assert.deepEqual([AddressRange.safeParse(text).success, isAddressRange(text)], [isOne, isOne]);
    });
  }
});
