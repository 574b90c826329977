import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeOf } from './code-of.ts';

describe('the code of a failed connection', () => {
  const coded = (code: string, message = 'x') => Object.assign(new Error(message), { code });

  it('is that of the innermost error that has one', () => {
    assert.equal(codeOf(coded('ECONNREFUSED')), 'ECONNREFUSED');
    assert.equal(codeOf(new TypeError('fetch failed', { cause: coded('ENOTFOUND') })), 'ENOTFOUND');
  });

  it('is the one of OpenSSL, whenever the handshake failed', () => {
    const message = 'write EPROTO 40A7:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:ssl/record.c:77:';
    assert.equal(codeOf(coded('EPROTO', message)), 'ERR_SSL_WRONG_VERSION_NUMBER');
    assert.equal(codeOf(coded('EPROTO', 'write EPROTO')), 'EPROTO');
  });

  it('is a name, or a sentence, where there is none', () => {
    assert.equal(codeOf(Object.assign(new Error('x'), { name: 'HTTPParserError' })), 'HTTPParserError');
    assert.equal(codeOf('x'), 'the connection broke');
  });
});
