import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressSet, everyAddress, noAddress } from './address-set.ts';
import { clientAddress } from './client-address.ts';

const inside = addressSet(['10.0.0.0/8', 'fd00::/8']);

describe('the address of the client', () => {
  for (const [what, peer, trusts, forwardedFor, expected] of [
    ['is the peer where nobody is believed', '10.0.0.1', noAddress, ['192.0.2.1'], '10.0.0.1'],
    ['is the peer who is not believed', '192.0.2.9', inside, ['192.0.2.1'], '192.0.2.9'],
    ['is the peer who names nobody', '10.0.0.1', inside, [], '10.0.0.1'],
    ['is whom a believed peer names', '10.0.0.1', inside, ['192.0.2.1'], '192.0.2.1'],
    [
      'is the last one that the believed did not write, whatever the client claims',
      '10.0.0.1',
      inside,
      ['127.0.0.1, 192.0.2.1, 10.0.0.2'],
      '192.0.2.1',
    ],
    ['is read over several lines', '10.0.0.1', inside, ['127.0.0.1', '192.0.2.1', '10.0.0.2'], '192.0.2.1'],
    ['is the farthest where all are believed', '10.0.0.1', everyAddress, ['198.51.100.1, 192.0.2.1'], '198.51.100.1'],
    ['is inside when all of them are', '10.0.0.1', inside, ['10.0.0.3, 10.0.0.2'], '10.0.0.3'],
    ['has no port', '10.0.0.1', inside, ['192.0.2.1:5000'], '192.0.2.1'],
    ['has neither brackets nor port', '10.0.0.1', inside, [' [2001:db8::1]:5000 '], '2001:db8::1'],
    ['may be of IPv6', 'fd00::1', inside, ['2001:db8::1'], '2001:db8::1'],
    ['is IPv4 in its own form', '10.0.0.1', inside, ['::ffff:192.0.2.1'], '192.0.2.1'],
    ['is whoever wrote what is no address', '10.0.0.1', inside, ['192.0.2.1, unknown, 10.0.0.2'], '10.0.0.2'],
    ['is the peer when nothing but that is written', '10.0.0.1', inside, ['192.0.2.1, '], '10.0.0.1'],
  ] as const) {
    it(what, () => {
      const rawHeaders = forwardedFor.flatMap((value) => ['x-Forwarded-For', value]);
      const client = clientAddress({
        rawHeaders: ['A', 'X-Forwarded-For', ...rawHeaders],
        peer: { address: peer, protocol: 'http' },
        trusts,
      });
      assert.equal(client, expected);
    });
  }

  it('is not what a client wrote in another spelling, which the proxy before this one may have left as it was', () => {
    const rawHeaders = ['X-Forwarded-For', '192.0.2.1', 'X_Forwarded_For', '127.0.0.1'];
    assert.equal(clientAddress({ rawHeaders, peer: { address: '10.0.0.1', protocol: 'http' }, trusts: inside }), '192.0.2.1');
  });
});
