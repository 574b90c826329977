import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnswerHead, readAnswerHead } from './answer-head.ts';

function head(lines: readonly string[], method = 'GET'): AnswerHead {
  const read = readAnswerHead(lines.join('\r\n'), method);
  if (read.kind === 'bad') throw new assert.AssertionError({ message: read.reason });
  return read;
}

describe('reading an answer head', () => {
  it('keeps order, case and repetition of headers and drops what ends at this hop', () => {
    const { status, reason, headers } = head([
      'HTTP/1.1 200 Very Fine',
      'Set-Cookie: a=1',
      'X-UPPER:  spaced  ',
      'Connection: keep-alive, X-Hop',
      'X-Hop: gone',
      'Keep-Alive: timeout=5',
      'set-cookie: b=2',
      'Content-Length: 3',
    ]);
    assert.deepEqual([status, reason], [200, 'Very Fine']);
    assert.deepEqual(headers, ['Set-Cookie', 'a=1', 'X-UPPER', 'spaced', 'set-cookie', 'b=2', 'Content-Length', '3']);
  });

  const bodies: readonly (readonly [what: string, lines: readonly string[], method: string, expected: string])[] = [
    ['a length', ['HTTP/1.1 200 OK', 'Content-Length: 3'], 'GET', 'length'],
    ['the same length twice', ['HTTP/1.1 200 OK', 'Content-Length: 3', 'Content-Length: 3'], 'GET', 'length'],
    ['no bytes', ['HTTP/1.1 200 OK', 'Content-Length: 0'], 'GET', 'none'],
    ['chunks', ['HTTP/1.1 200 OK', 'Transfer-Encoding: Chunked'], 'GET', 'chunked'],
    ['neither', ['HTTP/1.1 200 OK'], 'GET', 'until-close'],
    ['HEAD', ['HTTP/1.1 200 OK', 'Content-Length: 3'], 'HEAD', 'none'],
    ['204', ['HTTP/1.1 204 No Content'], 'GET', 'none'],
    ['304 with a length', ['HTTP/1.1 304 Not Modified', 'Content-Length: 3'], 'GET', 'none'],
    ['an empty reason', ['HTTP/1.1 200', 'Content-Length: 1'], 'GET', 'length'],
  ];
  for (const [what, lines, method, expected] of bodies)
    it(`finds the end of the body with ${what}`, () => assert.equal(head(lines, method).body.kind, expected));

  it('keeps what it announces as trailers apart', () => {
    const announcing = head(['HTTP/1.1 200 OK', 'Trailer: X-Sum', 'trailer: X-Time', 'Transfer-Encoding: chunked']);
    assert.deepEqual([announcing.trailer, announcing.headers], ['X-Sum, X-Time', []]);
    assert.equal(head(['HTTP/1.1 200 OK', 'Trailed: X-Sum']).trailer, null);
  });

  it('drops a length where none may be', () => {
    assert.deepEqual(head(['HTTP/1.1 204 No Content', 'Content-Length: 0', 'X-A: b']).headers, ['X-A', 'b']);
    assert.deepEqual(head(['HTTP/1.1 304 Not Modified', 'Content-Length: 3']).headers, ['Content-Length', '3']);
  });

  it('keeps every byte of a value but the blanks around it', () => {
    const word = Buffer.from('voilà', 'utf8').toString('latin1');
    assert.deepEqual(head(['HTTP/1.1 204 No Content', `X-A: \t${word} `]).headers, ['X-A', word]);
  });

  it('knows whether the connection goes on', () => {
    assert.equal(head(['HTTP/1.1 204 No Content']).keepAlive, true);
    assert.equal(head(['HTTP/1.1 204 No Content', 'Connection: Close']).keepAlive, false);
    assert.equal(head(['HTTP/1.0 204 No Content', 'Connection: keep-alive']).keepAlive, false);
    assert.equal(head(['HTTP/1.1 200 OK']).keepAlive, false);
    assert.equal(head(['HTTP/1.1 204 No Content', 'Keep-Alive: timeout=5, max=100']).keepAliveMs, 5_000);
    assert.equal(head(['HTTP/1.1 204 No Content', 'Keep-Alive: max=100']).keepAliveMs, null);
  });

  const bad: readonly (readonly [what: string, lines: readonly string[]])[] = [
    ['another protocol', ['SSH-2.0-OpenSSH']],
    ['HTTP/2.0', ['HTTP/2.0 200 OK']],
    ['a status of two digits', ['HTTP/1.1 20 OK']],
    ['a bare line feed', ['HTTP/1.1 200 OK', 'A: b\nInjected: yes']],
    ['a bare carriage return', ['HTTP/1.1 200 OK', 'A: b\rInjected: yes']],
    ['a folded line', ['HTTP/1.1 200 OK', 'A: b', ' folded']],
    ['a line without a colon', ['HTTP/1.1 200 OK', 'A']],
    ['a name that ends in a space', ['HTTP/1.1 200 OK', 'Content-Length : 3']],
    ['two different lengths', ['HTTP/1.1 200 OK', 'Content-Length: 3', 'Content-Length: 4']],
    ['a length and chunks', ['HTTP/1.1 200 OK', 'Content-Length: 3', 'Transfer-Encoding: chunked']],
    ['another transfer coding', ['HTTP/1.1 200 OK', 'Transfer-Encoding: gzip, chunked']],
    ['a transfer coding behind a blank that is none', ['HTTP/1.1 200 OK', 'Transfer-Encoding: \xa0chunked']],
    ['a negative length', ['HTTP/1.1 200 OK', 'Content-Length: -1']],
    ['a control character in a value', ['HTTP/1.1 200 OK', 'Trailer: X-Sum\0']],
    ['a control character in a name', ['HTTP/1.1 200 OK', 'Content-Length\x0b: 3']],
    ['a name of an interim answer that is none', ['HTTP/1.1 103 Early Hints', 'Li,nk: </a>']],
  ];
  for (const [what, lines] of bad) it(`refuses ${what}`, () => assert.equal(readAnswerHead(lines.join('\r\n'), 'GET').kind, 'bad'));
});
