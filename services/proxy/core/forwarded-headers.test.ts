import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { askedProtocol, forwardHeaders, plainAddress, writeRequestHead } from './forwarded-headers.ts';
import { specialName } from './header-names.ts';
import { readRequestHead } from './read-request-head.ts';

function forwarded(rawHeaders: readonly string[], trust = false): Map<string, string[]> {
  const facts = readRequestHead({ method: 'GET', target: '/', httpVersion: '1.1', rawHeaders: ['Host', 'Web.test:80', ...rawHeaders] });
  assert.equal(facts.kind, 'forward');
  const headers =
    facts.kind === 'forward'
      ? forwardHeaders({
          facts,
          rawHeaders: ['Host', 'Web.test:80', ...rawHeaders],
          peer: { address: '192.0.2.1', protocol: 'http' },
          trust,
        })
      : [];
  const byName = new Map<string, string[]>();
  for (let index = 0; index < headers.length; index += 2) {
    const name = (headers[index] ?? '').toLowerCase();
    byName.set(name, [...(byName.get(name) ?? []), headers[index + 1] ?? '']);
  }
  return byName;
}

const claims = [
  'X-Forwarded-For',
  '198.51.100.7',
  'X-Real-IP',
  '198.51.100.7',
  'X-Forwarded-Proto',
  'https',
  'X-Forwarded-Host',
  'claimed.test',
  'Forwarded',
  'for=198.51.100.7',
];

describe('forwarded headers', () => {
  it('are written anew when the client is not trusted', () => {
    const headers = forwarded(claims);
    assert.deepEqual(headers.get('x-forwarded-for'), ['192.0.2.1']);
    assert.deepEqual(headers.get('x-real-ip'), ['192.0.2.1']);
    assert.deepEqual(headers.get('x-forwarded-proto'), ['http']);
    assert.deepEqual(headers.get('x-forwarded-host'), ['Web.test:80']);
    assert.equal(headers.get('forwarded'), undefined);
  });

  it('are kept and extended when a proxy of ours stands before', () => {
    const headers = forwarded([...claims, 'X-Forwarded-For', '203.0.113.9', 'X-Forwarded-Proto', 'http'], true);
    assert.deepEqual(headers.get('x-forwarded-for'), ['198.51.100.7, 203.0.113.9, 192.0.2.1']);
    assert.deepEqual(headers.get('x-real-ip'), ['198.51.100.7']);
    assert.deepEqual(headers.get('x-forwarded-proto'), ['https, http']);
    assert.deepEqual(headers.get('x-forwarded-host'), ['claimed.test']);
    assert.deepEqual(headers.get('forwarded'), ['for=198.51.100.7']);
  });

  it('start with the client when a trusted proxy says nothing', () => {
    const headers = forwarded([], true);
    assert.deepEqual(
      [headers.get('x-forwarded-for'), headers.get('x-real-ip'), headers.get('x-forwarded-proto')],
      [['192.0.2.1'], ['192.0.2.1'], ['http']],
    );
  });

  it('cannot be spoofed with underscores, which CGI-like servers read as hyphens', () => {
    assert.equal(forwarded(['X_Forwarded_For', '198.51.100.7', 'x_real_ip', '1.2.3.4']).get('x_forwarded_for'), undefined);
  });

  it('cannot be spoofed with underscores behind a proxy that is believed', () => {
    const names = ['For', 'Host', 'Proto', 'Port', 'Prefix'].map((name) => `X_Forwarded_${name}`);
    const real = forwarded(['X-Forwarded-For', '10.1.1.1', 'X-Real-IP', '10.1.1.1'], true);
    const spoofed = forwarded(
      [...names.flatMap((name) => [name, '6.6.6.6']), 'X-Forwarded-For', '10.1.1.1', 'X-Real-IP', '10.1.1.1', 'X_Real_IP', '6.6.6.6'],
      true,
    );
    assert.deepEqual([...spoofed], [...real]);
  });

  it('leave Host as the client wrote it, and cookies and authorization alone', () => {
    const headers = forwarded(['Cookie', 'a=b', 'Authorization', 'Bearer x', 'Cookie', 'c=d']);
    assert.deepEqual(
      [headers.get('host'), headers.get('cookie'), headers.get('authorization')],
      [['Web.test:80'], ['a=b', 'c=d'], ['Bearer x']],
    );
  });

  it('never pass on what ends at this hop', () => {
    const ownName = fc.constantFrom(
      'Connection',
      'Keep-Alive',
      'Proxy-Connection',
      'TE',
      'Upgrade',
      'HTTP2-Settings',
      'X-Hop',
      'x-other',
      'Accept',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(ownName, fc.constantFrom('close', 'keep-alive', 'x-hop', 'X-Hop, close', 'trailers'))),
        fc.boolean(),
        (pairs, trust) => {
          const headers = forwarded(pairs.flat(), trust);
          for (const name of ['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'http2-settings'])
            assert.equal(headers.get(name), undefined);
          const named = pairs.some(([name, value]) => name === 'Connection' && value.toLowerCase().includes('x-hop'));
          assert.equal(headers.has('x-hop'), !named && pairs.some(([name]) => name === 'X-Hop'));
          assert.deepEqual(headers.get('te') ?? ['trailers'], ['trailers']);
          assert.equal(headers.get('accept')?.length ?? 0, pairs.filter(([name]) => name === 'Accept').length);
        },
      ),
    );
  });

  it('make chunks anew and pass a length', () => {
    assert.deepEqual(forwarded(['Transfer-Encoding', 'chunked']).get('transfer-encoding'), ['chunked']);
    assert.deepEqual(forwarded(['Content-Length', '3']).get('content-length'), ['3']);
  });

  it('form a head that ends each line once', () => {
    const head = writeRequestHead({ method: 'GET', path: '/a?b', headers: ['Host', 'web.test', 'A', 'b'] });
    assert.equal(head, 'GET /a?b HTTP/1.1\r\nHost: web.test\r\nA: b\r\n');
  });

  it('show IPv4 clients of a dual-stack listener in the plain form', () => {
    assert.deepEqual(['::ffff:192.0.2.1', '192.0.2.1', '2001:db8::1', '::1'].map(plainAddress), [
      '192.0.2.1',
      '192.0.2.1',
      '2001:db8::1',
      '::1',
    ]);
  });
});

describe('special names', () => {
  it('are found in any case and mistaken for nothing else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('host', 'te', 'connection', 'transfer-encoding', 'x-forwarded-for'),
        fc.infiniteStream(fc.boolean()),
        (name, upper) => {
          const written = [...name].map((letter) => (upper.next().value ? letter.toUpperCase() : letter)).join('');
          assert.equal(specialName(written), name);
          assert.equal(specialName(`${written}x`), null);
        },
      ),
    );
  });
});

describe('how the client asked', () => {
  const cases: readonly (readonly [what: string, rawHeaders: readonly string[], trust: boolean, protocol: string])[] = [
    ['as it came in', [], true, 'http'],
    ['as it came in, whatever it says', ['X-Forwarded-Proto', 'https'], false, 'http'],
    ['as it says where that is believed', ['Host', 'x-forwarded-proto', 'x-forwarded-PROTO', 'HTTPS'], true, 'https'],
    ['as it came in when it says nothing', ['X-Forwarded-Proto', ''], true, 'http'],
    ['what the first of several proxies says', ['X-Forwarded-Proto', 'https, http'], true, 'https'],
    ['what the first of several proxies says, whatever that is', ['X-Forwarded-Proto', 'http,https'], true, 'http'],
    ['what the first line of several says', ['X-Forwarded-Proto', 'https', 'Via', '1.1 a', 'X-Forwarded-Proto', 'http'], true, 'https'],
    ['what is said at all', ['X-Forwarded-Proto', ' , HTTPS ', 'X-Forwarded-Proto', 'http'], true, 'https'],
    ['a WebSocket by TLS', ['X-Forwarded-Proto', 'wss, http'], true, 'https'],
    ['as it came in when it says nothing in several words', ['X-Forwarded-Proto', ' , '], true, 'http'],
  ];
  for (const [what, rawHeaders, trust, protocol] of cases)
    it(`is ${what}`, () => assert.equal(askedProtocol({ rawHeaders, trust, peer: { address: '192.0.2.1', protocol: 'http' } }), protocol));
});
