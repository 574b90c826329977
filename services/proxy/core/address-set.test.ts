import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressSet } from './address-set.ts';

describe('ranges of addresses', () => {
  const has = addressSet(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', 'fe80::/10', '::1', '172.16.5.4/12']);
  for (const [address, expected] of [
    ['10.255.0.1', true],
    ['11.0.0.1', false],
    ['192.0.2.7', true],
    ['192.0.2.8', false],
    ['2001:db8:ffff::1', true],
    ['2001:DB8::1', true],
    ['2001:db9::1', false],
    ['fe80::1%eth0', true],
    ['::1', true],
    ['::2', false],
    ['172.31.255.255', true],
    ['172.32.0.0', false],
    ['::ffff:10.0.0.1', true],
    ['', false],
    ['c4nary', false],
  ] as const) {
    it(`${expected ? 'have' : 'have not'} ${address || 'nothing'}`, () => assert.equal(has(address), expected));
  }

  it('may be everything of a family', () => {
    assert.deepEqual(['1.2.3.4', '::1'].map(addressSet(['0.0.0.0/0'])), [true, false]);
    assert.deepEqual(['1.2.3.4', '::1'].map(addressSet(['::/0'])), [false, true]);
  });

  it('have nothing of what is no range', () => {
    for (const range of ['10.0.0.0/33', '10.0.0.0/08', '10.0.0', '::ffff:10.0.0.0/104', 'fe80::1%eth0', '10.0.0.0/8/8', ''])
      assert.equal(addressSet([range])('10.0.0.1'), false, range);
  });
});
