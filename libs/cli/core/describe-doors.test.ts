import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeDoors } from './describe-doors.ts';

describe('where the proxy of the stack of kedge dev answers', () => {
  it('is nowhere without routes', () => assert.equal(describeDoors([], { proxyPort: 80, httpsPort: 443 }), ''));

  it('is its port', () => assert.equal(describeDoors(['a.test/'], { proxyPort: 8080 }), 'Its proxy listens on port 8080.'));

  it('is nowhere where the configuration closes it', () => {
    const closed = describeDoors(['a.test/'], { proxyPort: 8080, httpsPort: 8443, declared: { enabled: false, strategy: 'both' } });
    assert.equal(closed, 'Its proxy is closed, as the configuration says (proxy.enabled).');
  });

  it('is its port alone where the configuration in force wants plain HTTP', () => {
    const plain = describeDoors(['a.test/'], { proxyPort: 8080, httpsPort: 8443, declared: { enabled: true, strategy: 'http-only' } });
    assert.equal(plain, 'Its proxy listens on port 8080.');
  });

  it('is HTTPS, to which plain requests are sent, where the configuration wants that alone', () => {
    const secure = describeDoors(['a.test/'], { proxyPort: 8080, httpsPort: 8443, declared: { enabled: true, strategy: 'https-only' } });
    assert.match(secure, /^Its proxy listens on port 8080, and redirects to HTTPS on 8443 with self-signed certificates: /);
  });

  it('is each address by HTTPS, once, and the certificates are not what they seem', () => {
    assert.equal(
      describeDoors(['a.test/', 'b.test/x', 'a.test/'], { proxyPort: 8080, httpsPort: 8443 }),
      'Its proxy listens on port 8080, and for HTTPS on 8443 with self-signed certificates: https://a.test:8443/, https://b.test:8443/x.',
    );
    assert.match(describeDoors(['*.a.test/', '*/'], { proxyPort: 80, httpsPort: 443 }), / with self-signed certificates\.$/);
    assert.match(describeDoors(['a.test/'], { proxyPort: 80, httpsPort: 443 }), /: https:\/\/a\.test\/\.$/);
  });
});
