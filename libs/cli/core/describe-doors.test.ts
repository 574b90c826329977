import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeDoors } from './describe-doors.ts';

describe('where the proxy of the stack of kedge dev answers', () => {
  it('is nowhere without routes', () => assert.equal(describeDoors([], { proxyPort: 80, httpsPort: 443 }), ''));

  it('is its port', () => assert.equal(describeDoors(['a.test/'], { proxyPort: 8080 }), 'Its proxy listens on port 8080.'));

  it('is each address by HTTPS, once, and the certificates are not what they seem', () => {
    assert.equal(
      describeDoors(['a.test/', 'b.test/x', 'a.test/'], { proxyPort: 8080, httpsPort: 8443 }),
      'Its proxy listens on port 8080, and for HTTPS on 8443 with self-signed certificates: https://a.test:8443/, https://b.test:8443/x.',
    );
    assert.match(describeDoors(['a.test/'], { proxyPort: 80, httpsPort: 443 }), /: https:\/\/a\.test\/\.$/);
  });
});
