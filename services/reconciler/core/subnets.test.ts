import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dynamicRangeOf, formatAddress, freeSubnets, gatewayOf, isIpv4Subnet, isWithin, parseSubnet } from './subnets.ts';

const cidr = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, length]) => `${address}/${length}`);

describe('a subnet', () => {
  it('covers the addresses that its length says', () => {
    assert.deepEqual(parseSubnet('10.0.0.5/24'), { first: 0x0a000000, last: 0x0a0000ff });
    assert.deepEqual(parseSubnet('255.255.255.255/32'), { first: 0xffffffff, last: 0xffffffff });
    assert.deepEqual(parseSubnet('0.0.0.0/0'), { first: 0, last: 0xffffffff });
    assert.deepEqual(parseSubnet('172.28.200.1/16'), { first: 0xac1c0000, last: 0xac1cffff });
  });

  for (const text of ['', '10.0.0.0', '10.0.0.0/33', '10.0.0.256/8', '10.0.0/8', 'fd00::/64', '10.0.0.0/8 ']) {
    it(`"${text}" is none`, () => assert.equal(isIpv4Subnet(text), false));
  }

  it('prints an address as it was read', () => {
    fc.assert(fc.property(fc.ipV4(), (address) => assert.equal(formatAddress(parseSubnet(`${address}/32`)?.first ?? -1), address)));
  });

  it('has its gateway at the first address', () => {
    assert.equal(gatewayOf('172.28.0.0/16'), '172.28.0.1');
    assert.equal(gatewayOf('fd00::/64'), null);
  });
});

describe('the part of a subnet that the engine gives addresses from', () => {
  it('is its upper half', () => {
    assert.equal(dynamicRangeOf('172.28.0.0/16'), '172.28.128.0/17');
    assert.equal(dynamicRangeOf('10.1.2.0/24'), '10.1.2.128/25');
    assert.equal(dynamicRangeOf('10.1.2.0/28'), '10.1.2.8/29');
  });

  it('is nothing where there is nothing to share', () => {
    assert.equal(dynamicRangeOf('10.1.2.0/29'), null);
    assert.equal(dynamicRangeOf('fd00::/64'), null);
  });

  it('holds its own addresses and no others', () => {
    assert.equal(isWithin('172.28.128.0', '172.28.128.0/17'), true);
    assert.equal(isWithin('172.28.127.255', '172.28.128.0/17'), false);
    assert.equal(isWithin('fd00::1', '172.28.128.0/17'), false);
  });
});

describe('free subnets', () => {
  it('begin with the preferred one, then 172.16.0.0/12, then 10.0.0.0/8', () => {
    const free = freeSubnets('172.28.0.0/16', []);
    assert.deepEqual(free.slice(0, 3), ['172.28.0.0/16', '172.16.0.0/16', '172.17.0.0/16']);
    assert.deepEqual(free.slice(16, 18), ['10.0.0.0/16', '10.1.0.0/16']);
    assert.equal(free.length, 16 + 256);
  });

  it('leave out what a smaller or larger network touches', () => {
    assert.equal(freeSubnets('172.28.0.0/16', ['172.28.255.0/24'])[0], '172.16.0.0/16');
    assert.deepEqual(freeSubnets('172.28.0.0/16', ['172.16.0.0/12', '10.0.0.0/15'])[0], '10.2.0.0/16');
    assert.deepEqual(freeSubnets('172.28.0.0/16', ['172.16.0.0/12', '10.0.0.0/8']), []);
    assert.equal(freeSubnets('172.28.0.0/16', ['fd00::/8', 'nonsense'])[0], '172.28.0.0/16');
  });

  it('overlap nothing that is taken', () => {
    fc.assert(
      fc.property(cidr, fc.array(cidr), (preferred, taken) => {
        for (const candidate of freeSubnets(preferred, taken)) {
          for (const other of taken) assert.ok(!shareAddress(candidate, other), `${candidate} and ${other}`);
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** By the other definition: of two overlapping subnets one contains the network address of the other. */
function shareAddress(one: string, other: string): boolean {
  const [left, right] = [one, other].map(toBits);
  const common = Math.min(left?.length ?? 0, right?.length ?? 0);
  return left?.slice(0, common) === right?.slice(0, common);
}

function toBits(subnet: string): string {
  const [address = '', length = '0'] = subnet.split('/');
  const bits = address
    .split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('');
  return bits.slice(0, Number(length));
}
