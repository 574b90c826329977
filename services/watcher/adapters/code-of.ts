/** The code that the system or the TLS library gave; the same fault always reads the same. */
export function codeOf(thrown: unknown): string {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && typeof error.code === 'string') return error.code === 'EPROTO' ? opensslCode(error.message) : error.code;
    // It has no code.
    if (error.name === 'HTTPParserError') return error.name;
  }
  return 'the connection broke';
}

/** A handshake that fails while the first bytes are written is an EPROTO, with the reason of OpenSSL in its message only. */
function opensslCode(message: string): string {
  const reason = /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1];
  return reason === undefined ? 'EPROTO' : `ERR_SSL_${reason.toUpperCase().replaceAll(' ', '_')}`;
}
