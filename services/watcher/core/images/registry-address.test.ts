import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressReach, maySendUsTo, registryAddress } from './registry-address.ts';

describe('where a registry is asked', () => {
  for (const [registry, secure, plain] of [
    ['docker.io', 'https://registry-1.docker.io/', null],
    ['registry.example.com', 'https://registry.example.com/', null],
    ['registry.example.com:5000', 'https://registry.example.com:5000/', null],
    ['localhost', 'https://localhost/', 'http://localhost/'],
    ['localhost:5000', 'https://localhost:5000/', 'http://localhost:5000/'],
    ['localhost:443', 'https://localhost/', 'http://localhost:443/'],
    ['127.0.0.1:5000', 'https://127.0.0.1:5000/', 'http://127.0.0.1:5000/'],
    ['127.9.9.9', 'https://127.9.9.9/', 'http://127.9.9.9/'],
    ['plain.example.com', 'https://plain.example.com/', 'http://plain.example.com/'],
    ['plain.example.com:81', 'https://plain.example.com:81/', null],
    ['10.0.0.5:5000', 'https://10.0.0.5:5000/', 'http://10.0.0.5:5000/'],
    ['127.0.0.1.example.com', 'https://127.0.0.1.example.com/', null],
  ] as const) {
    it(`${registry}: ${secure}${plain ? `, or else ${plain}` : ''}`, () => {
      const address = registryAddress(registry, ['plain.example.com', '10.0.0.5:5000']);
      assert.deepEqual([address.secure.href, address.plain?.href ?? null], [secure, plain]);
    });
  }
});

describe('the reach of an address', () => {
  for (const [address, reach] of [
    ['8.8.8.8', 'public'],
    ['2001:4860:4860::8888', 'public'],
    ['10.1.2.3', 'private'],
    ['172.31.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd00::1', 'private'],
    ['127.0.0.1', 'local'],
    ['0.0.0.0', 'local'],
    ['169.254.169.254', 'local'],
    ['::1', 'local'],
    ['[::1]', 'local'],
    ['fe80::1', 'local'],
    ['::ffff:127.0.0.1', 'local'],
    ['::ffff:10.0.0.1', 'private'],
  ] as const) {
    it(`${address}: ${reach}`, () => assert.equal(addressReach(address), reach));
  }
});

describe('whether a token realm is asked', () => {
  const ask = (
    realm: string,
    realmAddresses: readonly string[],
    registry = 'https://r.example.com',
    registryAddresses: readonly string[] = ['8.8.8.8'],
  ) => maySendUsTo({ target: new URL(realm), registry: new URL(registry), targetAddresses: realmAddresses, registryAddresses });

  it('on the internet: yes', () => assert.ok(ask('https://auth.example.com/token', ['9.9.9.9'])));
  it('on the host of the registry: yes, wherever that is', () =>
    assert.ok(ask('http://127.0.0.1:5001/t', ['127.0.0.1'], 'http://127.0.0.1:5000', ['127.0.0.1'])));
  it('on a private address, from the internet: no', () => assert.ok(!ask('https://auth.example.com/t', ['10.0.0.7'])));
  it('on a private address among others: no', () => assert.ok(!ask('https://auth.example.com/t', ['9.9.9.9', '192.168.0.1'])));
  it('on a private address, from a registry in a private network: yes', () =>
    assert.ok(ask('https://git.corp/t', ['10.0.0.7'], 'https://registry.corp', ['10.0.0.8'])));
  it('on this machine or its link, from elsewhere: no', () => {
    assert.ok(!ask('https://auth.corp/t', ['169.254.169.254'], 'https://registry.corp', ['10.0.0.8']));
    assert.ok(!ask('https://auth.corp/t', ['127.0.0.1'], 'https://registry.corp', ['10.0.0.8']));
  });
  it('over plain HTTP, from a registry with TLS: no', () => assert.ok(!ask('http://auth.example.com/t', ['9.9.9.9'])));
  it('without an address: no', () => assert.ok(!ask('https://auth.example.com/t', [])));
});
