import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { allocateAddress, retiredForMs } from './allocate-address.ts';

const now = Date.parse('2026-01-01T01:00:00Z');
const subnet = { subnet: '172.28.0.0/16', gateway: '172.28.0.1', dynamicRange: null, taken: new Set<string>(), retired: [], now };

describe('allocateAddress', () => {
  it('gives the lowest address after the gateway', () => assert.equal(allocateAddress(subnet), '172.28.0.2'));

  it('skips what is taken', () => {
    assert.equal(allocateAddress({ ...subnet, taken: new Set(['172.28.0.2', '172.28.0.3', '172.28.0.5']) }), '172.28.0.4');
  });

  it('skips a gateway in the middle of the subnet', () => {
    assert.equal(allocateAddress({ ...subnet, gateway: '172.28.0.2' }), '172.28.0.3');
  });

  it('lets an address rest for ten minutes after it left service', () => {
    const at = (ago: number) => [{ address: '172.28.0.2', at: new Date(now - ago).toISOString() }];
    assert.equal(allocateAddress({ ...subnet, retired: at(retiredForMs - 1) }), '172.28.0.3');
    assert.equal(allocateAddress({ ...subnet, retired: at(retiredForMs) }), '172.28.0.2');
  });

  it('goes over the end of a byte', () => {
    const taken = new Set(Array.from({ length: 254 }, (_, index) => `10.1.2.${index + 2}`));
    assert.equal(allocateAddress({ ...subnet, subnet: '10.1.2.0/23', gateway: '10.1.2.1', taken }), '10.1.3.0');
  });

  it('leaves alone what the engine gives by itself, wherever that lies', () => {
    assert.equal(allocateAddress({ ...subnet, dynamicRange: '172.28.128.0/17' }), '172.28.0.2');
    assert.equal(allocateAddress({ ...subnet, dynamicRange: '172.28.0.0/30' }), '172.28.0.4');
  });

  it('takes what the engine gives by itself when nothing else is left', () => {
    const full = { ...subnet, subnet: '10.1.2.0/29', gateway: '10.1.2.1', dynamicRange: '10.1.2.4/30' };
    assert.equal(allocateAddress({ ...full, taken: new Set(['10.1.2.2', '10.1.2.3']) }), '10.1.2.4');
    assert.equal(allocateAddress({ ...full, dynamicRange: '10.1.2.0/29' }), '10.1.2.2');
  });

  it('says when none is left', () => {
    const taken = new Set(Array.from({ length: 13 }, (_, index) => `10.1.2.${index + 2}`));
    assert.throws(() => allocateAddress({ ...subnet, subnet: '10.1.2.0/28', gateway: '10.1.2.1', taken }), { code: 'ADDRESSES_EXHAUSTED' });
  });

  it('never gives one twice, nor the first two or the last of the subnet', () => {
    fc.assert(
      fc.property(fc.integer({ min: 24, max: 29 }), fc.integer({ min: 1, max: 5 }), (bits, count) => {
        const taken = new Set<string>();
        for (let given = 0; given < count; given += 1) {
          const address = allocateAddress({ ...subnet, subnet: `10.9.8.0/${bits}`, gateway: null, taken });
          assert.ok(!taken.has(address));
          const last = Number(address.split('.').at(-1));
          assert.ok(last >= 2 && last < 2 ** (32 - bits) - 1);
          taken.add(address);
        }
      }),
    );
  });
});
