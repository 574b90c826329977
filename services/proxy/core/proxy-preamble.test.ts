import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bareAddress, proxyPreamble } from './proxy-preamble.ts';

const signature = '0d0a0d0a000d0a515549540a';

function ends(remoteAddress: string, localAddress: string) {
  return { remoteAddress, remotePort: 56_324, localAddress, localPort: 443 };
}

/** Each: client, address that it came to, version 1 as text, version 2 behind the signature as hexadecimal. */
const told = [
  ['192.0.2.1', '198.51.100.7', 'TCP4 192.0.2.1 198.51.100.7 56324 443', '2111000cc0000201c6336407dc0401bb'],
  ['::ffff:192.0.2.1', '::FFFF:198.51.100.7', 'TCP4 192.0.2.1 198.51.100.7 56324 443', '2111000cc0000201c6336407dc0401bb'],
  [
    '2001:db8::1',
    '::',
    'TCP6 2001:db8::1 :: 56324 443',
    '2121002420010db800000000000000000000000100000000000000000000000000000000dc0401bb',
  ],
  [
    'fe80::a:1%eth0',
    '::1',
    'TCP6 fe80::a:1 ::1 56324 443',
    '21210024fe8000000000000000000000000a000100000000000000000000000000000001dc0401bb',
  ],
  [
    '1:2:3:4:5:6:7:8',
    '64:ff9b::192.0.2.1',
    'TCP6 1:2:3:4:5:6:7:8 64:ff9b::192.0.2.1 56324 443',
    '21210024000100020003000400050006000700080064ff9b0000000000000000c0000201dc0401bb',
  ],
  [
    '2001:db8::1',
    '192.0.2.1',
    'TCP6 2001:db8::1 ::ffff:192.0.2.1 56324 443',
    '2121002420010db800000000000000000000000100000000000000000000ffffc0000201dc0401bb',
  ],
] as const;

describe('what a target is told of its client', () => {
  for (const [from, to, first, second] of told) {
    it(`${from} at ${to}`, () => {
      assert.equal(proxyPreamble('v1', ends(from, to)).toString('latin1'), `PROXY ${first}\r\n`);
      assert.equal(proxyPreamble('v2', ends(from, to)).toString('hex'), `${signature}${second}`);
    });
  }

  it('says so where nobody is there any more', () => {
    assert.equal(proxyPreamble('v1', {}).toString('latin1'), 'PROXY UNKNOWN\r\n');
    assert.equal(proxyPreamble('v2', {}).toString('hex'), `${signature}20000000`);
  });

  it('is never longer than version 1 allows', () => {
    const longest = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
    assert.ok(proxyPreamble('v1', { ...ends(longest, longest), remotePort: 65_535, localPort: 65_535 }).length <= 107);
  });
});

describe('an address without its wrapping', () => {
  for (const [address, bare] of [
    [undefined, ''],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '::ffff:a00:1'],
    ['fe80::1%lo', 'fe80::1'],
  ] as const) {
    it(`${address} is ${bare}`, () => assert.equal(bareAddress(address), bare));
  }
});
