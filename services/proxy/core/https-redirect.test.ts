import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redirectTo } from './host-redirect.ts';
import { httpsAddress } from './https-redirect.ts';

const asked = { authority: 'web.test', path: '/', protocol: 'http' } as const;
const served = { strategy: 'https-only', httpsPort: 8443 } as const;

describe('where a request is sent to be asked again', () => {
  const cases: readonly (readonly [authority: string, path: string, httpsPort: number, address: string | null])[] = [
    ['web.test', '/a?b=c', 443, 'https://web.test/a?b=c'],
    ['Web.Test:80', '/', 443, 'https://Web.Test/'],
    ['web.test:8080', '/', 8443, 'https://web.test:8443/'],
    ['[2001:db8::1]:80', '/', 8443, 'https://[2001:db8::1]:8443/'],
    ['[2001:db8::1]', '/', 443, 'https://[2001:db8::1]/'],
    ['', '/', 443, 'https://localhost/'],
    ['web.test', '//other.test', 443, 'https://web.test//other.test'],
    ['user@other.test', '/', 443, null],
    ['web.test/x', '/', 443, null],
    ['web.test', '*', 443, null],
  ];
  for (const [authority, path, httpsPort, address] of cases)
    it(`is ${address} for "${authority}" and ${path} on ${httpsPort}`, () =>
      assert.equal(httpsAddress({ authority, path, protocol: 'http' }, { strategy: 'https-only', httpsPort }), address));

  it('is nowhere for HTTPS, and where the settings allow plain HTTP', () => {
    assert.equal(httpsAddress({ ...asked, protocol: 'https' }, served), null);
    for (const strategy of ['both', 'http-only'] as const) assert.equal(httpsAddress(asked, { ...served, strategy }), null);
  });
});

describe('a redirect', () => {
  it('is permanent, as short as its length says, and names the address', () => {
    const { status, headers, body } = redirectTo('https://web.test/');
    assert.deepEqual(
      [status, body, headers],
      [
        301,
        '<html><body>301 Moved Permanently</body></html>',
        ['Content-Type', 'text/html', 'Content-Length', String(Buffer.byteLength(body)), 'Location', 'https://web.test/'],
      ],
    );
  });
});
