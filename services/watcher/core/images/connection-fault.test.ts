import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeFault, isTlsFault } from './connection-fault.ts';

/** What Node gives for a certificate (its documentation of `tls`, "X509 certificate error codes"), and what OpenSSL says of a handshake. */
const told: readonly (readonly [code: string, what: RegExp, advice: RegExp])[] = [
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /signed by itself/, /KEDGE_AUTHORITIES/],
  ['SELF_SIGNED_CERT_IN_CHAIN', /authority that is not known/, /KEDGE_AUTHORITIES/],
  ['UNABLE_TO_GET_ISSUER_CERT', /authority that is not known/, /send the chain/],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /authority that is not known/, /the authority's certificate/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /whole chain/, /KEDGE_AUTHORITIES/],
  ['CERT_UNTRUSTED', /authority that is not known/, /KEDGE_AUTHORITIES/],
  ['CERT_REJECTED', /authority that is not known/, /KEDGE_AUTHORITIES/],
  ['CERT_HAS_EXPIRED', /has expired/, /renew it/],
  ['CERT_NOT_YET_VALID', /not valid yet/, /the clock of this machine/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name/, /a name that the certificate has/],
  ['ERR_TLS_CERT_ALTNAME_FORMAT', /for another name/, /a name that the certificate has/],
  ['HOSTNAME_MISMATCH', /for another name/, /a name that the certificate has/],
  ['CERT_REVOKED', /revoked/, /another one/],
  ['UNABLE_TO_GET_CRL', /revocation list/, /renew it/],
  ['UNABLE_TO_DECRYPT_CRL_SIGNATURE', /revocation list/, /renew it/],
  ['CRL_SIGNATURE_FAILURE', /revocation list/, /renew it/],
  ['CRL_NOT_YET_VALID', /revocation list/, /renew it/],
  ['CRL_HAS_EXPIRED', /revocation list/, /renew it/],
  ['ERROR_IN_CRL_LAST_UPDATE_FIELD', /revocation list/, /renew it/],
  ['ERROR_IN_CRL_NEXT_UPDATE_FIELD', /revocation list/, /renew it/],
  ['UNABLE_TO_DECRYPT_CERT_SIGNATURE', /cannot be used/, /issue it anew/],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', /cannot be used/, /issue it anew/],
  ['CERT_SIGNATURE_FAILURE', /cannot be used/, /issue it anew/],
  ['ERROR_IN_CERT_NOT_BEFORE_FIELD', /cannot be used/, /issue it anew/],
  ['ERROR_IN_CERT_NOT_AFTER_FIELD', /cannot be used/, /issue it anew/],
  ['CERT_CHAIN_TOO_LONG', /cannot be used/, /issue it anew/],
  ['INVALID_CA', /cannot be used/, /issue it anew/],
  ['INVALID_PURPOSE', /cannot be used/, /issue it anew/],
  ['PATH_LENGTH_EXCEEDED', /cannot be used/, /issue it anew/],
  ['UNSPECIFIED', /cannot be used/, /issue it anew/],
  ['ERR_SSL_CERTIFICATE_VERIFY_FAILED', /cannot be used/, /issue it anew/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS/, /KEDGE_INSECURE_REGISTRIES/],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', /does not speak TLS/, /KEDGE_INSECURE_REGISTRIES/],
  ['ERR_SSL_HTTP_REQUEST', /does not speak TLS/, /KEDGE_INSECURE_REGISTRIES/],
  ['HPE_INVALID_CONSTANT', /does not speak HTTP/, /correct the port/],
  ['HTTPParserError', /does not speak HTTP/, /correct the port/],
  ['UND_ERR_SOCKET', /closed the connection/, /proxy in between/],
  ['ECONNRESET', /closed the connection/, /proxy in between/],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /certificate of ours/, /login/],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', /certificate of ours/, /login/],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', /certificate of ours/, /login/],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', /certificate of ours/, /login/],
  ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', /for this name/, /answers to/],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_NO_PROTOCOLS_AVAILABLE', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_DH_KEY_TOO_SMALL', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_EE_KEY_TOO_SMALL', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_CA_MD_TOO_WEAK', /too old or too weak/, /TLS 1\.2/],
  ['ERR_TLS_DH_PARAM_SIZE', /too old or too weak/, /TLS 1\.2/],
  ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', /no TLS connection/, /s_client/],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', /no TLS connection/, /s_client/],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', /no TLS connection/, /s_client/],
  ['EPROTO', /no TLS connection/, /s_client/],
];

describe('why a connection failed', () => {
  for (const [code, what, advice] of told) {
    it(`is told of ${code} in words, with the code and what to do next`, () => {
      const text = describeFault(code);
      const [fault = '', next = ''] = text.split(` (${code}); `);
      assert.match(fault, what);
      assert.match(next, advice);
    });
  }

  it('is the code where no certificate and no TLS is to blame', () => {
    for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'OUT_OF_MEM', 'the connection broke'])
      assert.equal(describeFault(code), code);
  });
});

describe('whether somebody who speaks TLS is at fault', () => {
  for (const [code, isTls] of [
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', true],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', true],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', true],
    ['ERR_SSL_WRONG_VERSION_NUMBER', false],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', false],
    ['ERR_SSL_UNEXPECTED_EOF_WHILE_READING', false],
    ['ECONNREFUSED', false],
    ['ECONNRESET', false],
    ['ABORT_ERR', false],
  ] as const) {
    it(`${code}: ${isTls ? 'yes' : 'no'}`, () => assert.equal(isTlsFault(code), isTls));
  }
});
