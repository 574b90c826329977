import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { proxyPreamble } from './proxy-preamble.ts';
import { readPreamble } from './read-preamble.ts';

const v2 = (command: number, family: number, body: Buffer) =>
  Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.from([command, family, body.length >> 8, body.length & 255]), body]);
const v4Body = Buffer.from([192, 0, 2, 1, 198, 51, 100, 1, 0x1f, 0x90, 0, 80]);

describe('what a proxy before this one tells first', () => {
  for (const [what, bytes, client] of [
    ['TCP4', 'PROXY TCP4 192.0.2.1 198.51.100.1 8080 80\r\n', { address: '192.0.2.1', port: 8080 }],
    ['TCP6', 'PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n', { address: '2001:db8::1', port: 1 }],
    ['UNKNOWN', 'PROXY UNKNOWN\r\n', null],
    ['UNKNOWN with more', 'PROXY UNKNOWN ffff:f...f:ffff 65535 65535\r\n', null],
    ['version 2 of IPv4', v2(0x21, 0x11, v4Body), { address: '192.0.2.1', port: 8080 }],
    ['with further fields', v2(0x21, 0x11, Buffer.concat([v4Body, Buffer.from([4, 0, 1, 0])])), { address: '192.0.2.1', port: 8080 }],
    ['LOCAL', v2(0x20, 0x00, Buffer.alloc(0)), null],
    ['of a socket in the file system', v2(0x21, 0x31, Buffer.alloc(216)), null],
  ] as const) {
    it(`${what} is read, in pieces too, and what follows is the client's`, () => {
      const whole = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
      for (let length = 0; length < whole.length; length += 1) {
        assert.deepEqual(readPreamble(whole.subarray(0, length)), { kind: 'more' }, String(length));
      }
      const followed = Buffer.concat([whole, Buffer.from('GET / HTTP/1.1\r\n')]);
      assert.deepEqual(readPreamble(followed), { kind: 'done', length: whole.length, client });
    });
  }

  for (const bytes of [
    'GET / HTTP/1.1\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 8080\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 8080 80 1\r\n',
    'PROXY TCP4 2001:db8::1 198.51.100.1 8080 80\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 08080 80\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.1 65536 80\r\n',
    'PROXY UDP4 192.0.2.1 198.51.100.1 1 80\r\n',
    `PROXY UNKNOWN ${'x'.repeat(100)}\r\n`,
    'x'.repeat(3),
    v2(0x11, 0x11, v4Body),
    v2(0x22, 0x11, v4Body),
    v2(0x21, 0x11, v4Body.subarray(0, 11)),
    v2(0x21, 0x21, v4Body),
    v2(0x21, 0x11, Buffer.alloc(2_049)),
  ]) {
    it(`${JSON.stringify(bytes.toString('latin1').slice(0, 60))} is none`, () => {
      assert.equal(readPreamble(Buffer.from(bytes.toString('latin1'), 'latin1')).kind, 'bad');
    });
  }

  it('is what this proxy tells its own targets', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    const property = fc.property(
      address,
      fc.integer({ min: 1, max: 65_535 }),
      fc.constantFrom('v1' as const, 'v2' as const),
      (from, port, version) => {
        const local = from.includes(':') ? '2001:db8::1' : '198.51.100.1';
        const bytes = proxyPreamble(version, { remoteAddress: from, remotePort: port, localAddress: local, localPort: 80 });
        const read = readPreamble(bytes);
        assert.ok(read.kind === 'done' && read.client && read.length === bytes.length, JSON.stringify(read));
        assert.equal(read.client.port, port);
      },
    );
    fc.assert(property);
  });
});
