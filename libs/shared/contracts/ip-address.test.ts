import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shortestIPv6 } from './ip-address.ts';

describe('the shortest form of an address', () => {
  for (const [text, expected] of [
    ['0:0::1', '::1'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['fe80::1%eth0', null],
    ['10.0.0.1', null],
    ['::1]', null],
    ['', null],
  ] as const) {
    it(`of "${text}" is ${expected}`, () => assert.equal(shortestIPv6(text), expected));
  }
});
