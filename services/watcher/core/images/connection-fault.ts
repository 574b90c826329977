/** What OpenSSL says when the answer to its hello is no TLS. */
const noTls =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|HTTPS_PROXY_REQUEST|UNKNOWN_PROTOCOL|RECORD_LAYER_FAILURE)$/;

interface Fault {
  readonly what: string;
  /** What to do next. */
  readonly advice: string;
  /** Codes of Node ("X509 certificate error codes" in its documentation of `tls`), and of OpenSSL, whose names change a little with its versions. */
  readonly codes: readonly RegExp[];
}

const trust = 'put the certificate into the file that KEDGE_AUTHORITIES names, and below /etc/docker/certs.d of the engine';
const lookAtIt = 'issue it anew; "openssl s_client -showcerts" shows what is wrong with it';

/** The first one that knows a code tells of it. */
const faults: readonly Fault[] = [
  { what: 'its certificate is signed by itself', advice: trust, codes: [/^DEPTH_ZERO_SELF_SIGNED_CERT$/] },
  {
    what: 'its certificate is of an authority that is not known here, or it does not send the whole chain',
    advice: `let it send the chain, or ${trust.replace('the certificate', "the authority's certificate")}`,
    codes: [
      /^SELF_SIGNED_CERT_IN_CHAIN$/,
      /^UNABLE_TO_GET_ISSUER_CERT$/,
      /^UNABLE_TO_GET_ISSUER_CERT_LOCALLY$/,
      /^UNABLE_TO_VERIFY_LEAF_SIGNATURE$/,
      /^CERT_UNTRUSTED$/,
      /^CERT_REJECTED$/,
    ],
  },
  {
    what: 'its certificate has expired',
    advice: 'renew it there; if it has not, set the clock of this machine',
    codes: [/^CERT_HAS_EXPIRED$/],
  },
  {
    what: 'its certificate is not valid yet',
    advice: 'set the clock of this machine; if that is right, look at the certificate',
    codes: [/^CERT_NOT_YET_VALID$/],
  },
  {
    what: 'its certificate is for another name',
    advice: 'write the image with a name that the certificate has, or get it one for this name',
    codes: [/^ERR_TLS_CERT_ALTNAME_INVALID$/, /^ERR_TLS_CERT_ALTNAME_FORMAT$/, /^HOSTNAME_MISMATCH$/],
  },
  { what: 'its certificate was revoked', advice: 'get it another one', codes: [/^CERT_REVOKED$/] },
  {
    what: 'the revocation list of its authority cannot be used',
    advice: "take the list out of the watcher's settings, or renew it",
    codes: [/^UNABLE_TO_GET_CRL$/, /^UNABLE_TO_DECRYPT_CRL_SIGNATURE$/, /^CRL_/, /^ERROR_IN_CRL_/],
  },
  {
    what: 'its certificate, or one in its chain, cannot be used',
    advice: lookAtIt,
    codes: [
      /^UNABLE_TO_DECRYPT_CERT_SIGNATURE$/,
      /^UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY$/,
      /^CERT_SIGNATURE_FAILURE$/,
      /^CERT_CHAIN_TOO_LONG$/,
      /^INVALID_CA$/,
      /^INVALID_PURPOSE$/,
      /^PATH_LENGTH_EXCEEDED$/,
      // Among others of a key that is too short.
      /^UNSPECIFIED$/,
      /^ERROR_IN_CERT_/,
      /^ERR_SSL_.*CERTIFICATE_VERIFY_FAILED$/,
    ],
  },
  {
    what: 'it does not speak TLS',
    advice:
      'if it speaks plain HTTP, list it in KEDGE_INSECURE_REGISTRIES; one that may, and spoke TLS before, is asked so after 10 s; else correct the port',
    codes: [noTls],
  },
  {
    what: 'what answers there does not speak HTTP',
    advice: 'correct the port; if it speaks TLS there, look for what keeps us from it',
    codes: [/^HPE_/, /^HTTPParserError$/],
  },
  {
    what: 'it closed the connection',
    advice: 'look at its log, and for a proxy in between',
    codes: [/^ECONNRESET$/, /^UND_ERR_SOCKET$/],
  },
  {
    what: 'it wants a certificate of ours',
    advice: 'let it ask for a login instead; certificates of clients are not supported',
    codes: [/^ERR_SSL_.*ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|NO_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN)$/],
  },
  {
    what: 'it has no certificate for this name',
    advice: 'write the image with a name that it answers to',
    codes: [/^ERR_SSL_.*UNRECOGNIZED_NAME$/],
  },
  {
    what: 'no TLS that both of us speak: what it offers is too old or too weak, or it has no certificate',
    advice: 'let it speak TLS 1.2 or newer with a certificate of its own; one that wants certificates of clients is not supported',
    codes: [
      /^ERR_SSL_.*(HANDSHAKE_FAILURE|PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|INSUFFICIENT_SECURITY)$/,
      /^ERR_SSL_.*(NO_SHARED_CIPHER|NO_CIPHERS_AVAILABLE|WRONG_CIPHER_RETURNED|WRONG_SSL_VERSION|VERSION_TOO_LOW|BAD_PROTOCOL_VERSION_NUMBER)$/,
      /^ERR_SSL_.*(KEY_TOO_SMALL|MD_TOO_WEAK|DH_KEY_TOO_SMALL|UNSAFE_LEGACY_RENEGOTIATION_DISABLED|WRONG_SIGNATURE_TYPE|WRONG_CURVE)$/,
      /^ERR_TLS_DH_PARAM_SIZE$/,
    ],
  },
  {
    what: 'no TLS connection comes about',
    advice: 'look at its TLS settings, and for a proxy in between; "openssl s_client" shows more',
    codes: [/^EPROTO$/, /^ERR_SSL_/, /^ERR_TLS_/],
  },
];

/** Why a connection failed, in words and with the code, and what to do next. What has no words here is told by its code. */
export function describeFault(code: string): string {
  const known = faults.find(({ codes }) => codes.some((each) => each.test(code)));
  return known ? `${known.what} (${code}); ${known.advice}` : code;
}

/**
 * Whether a handshake that failed with this code failed at somebody who speaks TLS. A connection that was refused, closed or not answered in
 * time tells nothing, and counts as no TLS.
 */
export function isTlsFault(code: string): boolean {
  return code.startsWith('ERR_SSL_') && !noTls.test(code) && !code.startsWith('ERR_SSL_UNEXPECTED_EOF');
}
