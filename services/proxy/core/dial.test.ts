import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialReason, placeOf, tlsOptions } from './dial.ts';

describe('the way to a target', () => {
  it('is a port, or a socket of the file system', () => {
    assert.deepEqual(placeOf({ address: '10.0.0.1', port: 80 }), { host: '10.0.0.1', port: 80, autoSelectFamily: false });
    assert.deepEqual(placeOf({ address: 'unix:/run/app.sock', port: 1 }), { path: '/run/app.sock' });
  });

  for (const [host, name] of [
    ['web.test', 'web.test'],
    ['web.test:8443', 'web.test'],
    ['WEB.test.', 'web.test'],
    ['192.0.2.1', ''],
    ['[2001:db8::1]:80', ''],
  ] as const) {
    it(`asks by TLS for ${name || 'no name'} where ${host} is asked for`, () =>
      assert.equal(tlsOptions({ isVerified: true }, ['Host', host]).servername, name));
  }

  it('failed for a reason, and says what to do about a certificate', () => {
    const failed = (code: string) => dialReason(Object.assign(new Error('no'), { code }));
    assert.equal(failed('ECONNREFUSED'), 'ECONNREFUSED');
    for (const code of ['ERR_TLS_CERT_ALTNAME_INVALID', `DEPTH_ZERO_SELF_SIGNED_CERT`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE`])
      assert.match(failed(code), /service_tls_verify/);
    assert.equal(dialReason(new Error('no')), 'no');
  });
});
