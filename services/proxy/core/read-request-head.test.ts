import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type IncomingHead, readRequestHead } from './read-request-head.ts';

function read(rawHeaders: readonly string[], rest: Partial<IncomingHead> = {}): ReturnType<typeof readRequestHead> {
  return readRequestHead({ method: 'GET', target: '/', httpVersion: '1.1', rawHeaders, ...rest });
}

const host = ['Host', 'web.test'];

describe('reading a request head', () => {
  const refused: readonly (readonly [what: string, status: number, headers: readonly string[], rest?: Partial<IncomingHead>])[] = [
    ['two Host headers', 400, [...host, 'host', 'web.test']],
    ['no Host in HTTP/1.1', 400, []],
    ['two Content-Length headers', 400, [...host, 'Content-Length', '3', 'content-length', '3']],
    ['a signed Content-Length', 400, [...host, 'Content-Length', '+3']],
    ['a list as Content-Length', 400, [...host, 'Content-Length', '3, 3']],
    ['Content-Length beside Transfer-Encoding', 400, [...host, 'Content-Length', '3', 'Transfer-Encoding', 'chunked']],
    ['Transfer-Encoding: xchunked', 501, [...host, 'Transfer-Encoding', 'xchunked']],
    ['Transfer-Encoding: gzip, chunked', 501, [...host, 'Transfer-Encoding', 'gzip, chunked']],
    ['Transfer-Encoding: chunked, chunked', 501, [...host, 'Transfer-Encoding', 'chunked, chunked']],
    ['Transfer-Encoding: identity', 501, [...host, 'Transfer-Encoding', 'identity']],
    ['an empty Transfer-Encoding', 501, [...host, 'Transfer-Encoding', '']],
    ['two Transfer-Encoding headers', 400, [...host, 'Transfer-Encoding', 'chunked', 'Transfer-Encoding', 'chunked']],
    ['Transfer-Encoding in HTTP/1.0', 400, [...host, 'Transfer-Encoding', 'chunked'], { httpVersion: '1.0' }],
    ['Connection: content-length', 400, [...host, 'Connection', 'close, Content-Length', 'Content-Length', '3']],
    ['Connection: transfer-encoding', 400, [...host, 'Connection', 'transfer-encoding']],
    ['Connection: host', 400, [...host, 'Connection', 'keep-alive, host']],
    ['Connection: X-Forwarded-For', 400, [...host, 'Connection', 'X-Forwarded-For']],
    ['a second Connection header that names Host', 400, [...host, 'Connection', 'close', 'Connection', 'Host']],
    ['HTTP/2.0', 505, host, { httpVersion: '2.0' }],
    ['HTTP/0.9', 505, host, { httpVersion: '0.9' }],
    ['an authority with user information', 400, host, { target: 'http://user@web.test/' }],
    ['an absolute form without authority', 400, host, { target: 'http:///path' }],
    ['another scheme', 400, host, { target: 'ftp://web.test/' }],
    ['a relative target', 400, host, { target: 'path' }],
    ['an asterisk for anything but OPTIONS', 400, host, { target: '*' }],
  ];
  for (const [what, status, headers, rest] of refused) {
    it(`refuses ${what} with ${status}`, () => {
      const facts = read(headers, rest);
      assert.equal(facts.kind === 'refuse' ? facts.status : 'forwarded', status);
    });
  }

  it('prefers the authority of the absolute form to the Host header', () => {
    const facts = read(['Host', 'evil.test'], { target: 'http://web.test:81/a?b' });
    assert.deepEqual(facts.kind === 'forward' && [facts.authority, facts.path], ['web.test:81', '/a?b']);
  });

  it('reads an absolute form without a path as the root', () => {
    const facts = read(host, { target: 'http://web.test?x' });
    assert.deepEqual(facts.kind === 'forward' && facts.path, '/?x');
  });

  it('reads one of OPTIONS as a question to the server (RFC 9112 §3.2.4)', () => {
    const facts = read(host, { method: 'OPTIONS', target: 'http://web.test' });
    assert.deepEqual(facts.kind === 'forward' && [facts.authority, facts.path], ['web.test', '*']);
  });

  it('tells how the body is framed', () => {
    const kinds = [[], ['Content-Length', '0'], ['Content-Length', '12'], ['Transfer-Encoding', 'Chunked']].map((more) => {
      const facts = read([...host, ...more]);
      return facts.kind === 'forward' && facts.body;
    });
    assert.deepEqual(kinds, ['none', 'none', 'length', 'chunked']);
  });

  it('keeps the names that Connection drops, and sees who understands trailers', () => {
    const facts = read([...host, 'Connection', 'keep-alive, X-Hop , TE', 'TE', 'gzip;q=0, trailers']);
    assert.deepEqual(facts.kind === 'forward' && [[...(facts.dropped ?? [])], facts.acceptsTrailers], [['x-hop'], true]);
  });

  it('never forwards a head that frames its body twice, however it is written', () => {
    const framing = fc.constantFrom('Content-Length', 'content-length', 'Transfer-Encoding', 'TRANSFER-ENCODING');
    const value = fc.constantFrom('3', '0', 'chunked', ' chunked', 'chunked ', 'x');
    fc.assert(
      fc.property(fc.array(fc.tuple(framing, value), { minLength: 2, maxLength: 4 }), (pairs) => {
        assert.equal(read([...host, ...pairs.flat()]).kind, 'refuse');
      }),
    );
  });
});
