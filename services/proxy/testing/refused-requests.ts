/** A request at byte level that no upstream may see a byte of. */
export interface RefusedRequest {
  readonly what: string;
  readonly bytes: string;
  readonly status: readonly number[];
}

/** What an attacker would like to have understood as a request of its own. */
export const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: web.test\r\n\r\n';

const get = (lines: string, target = '/') => `GET ${target} HTTP/1.1\r\n${lines}\r\n`;
const post = (lines: string, body = '') => `POST / HTTP/1.1\r\nHost: web.test\r\n${lines}\r\n${body}`;
const host = 'Host: web.test\r\n';
const chunked = 'Transfer-Encoding: chunked\r\n';

const cases: readonly (readonly [what: string, status: number | readonly number[], bytes: string])[] = [
  ['Content-Length and Transfer-Encoding', 400, post(`Content-Length: 6\r\n${chunked}`, '0\r\n\r\nX')],
  ['Transfer-Encoding and Content-Length', 400, post(`${chunked}Content-Length: 6\r\n`, '0\r\n\r\nX')],
  ['Transfer-Encoding: xchunked', [400, 501], post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n')],
  ['Transfer-Encoding: identity', [400, 501], post('Transfer-Encoding: identity\r\n')],
  ['an empty Transfer-Encoding', [400, 501], post('Transfer-Encoding:\r\n')],
  ['Transfer-Encoding: chunked, identity', [400, 501], post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n')],
  ['Transfer-Encoding: chunked, chunked', [400, 501], post('Transfer-Encoding: chunked, chunked\r\n', '0\r\n\r\n')],
  ['Transfer-Encoding: gzip, chunked', [400, 501], post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')],
  ['a Transfer-Encoding behind a control character', [400, 501], post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n')],
  ['a Transfer-Encoding in quotes', [400, 501], post('Transfer-Encoding: "chunked"\r\n', '0\r\n\r\n')],
  ['a space before the colon of Transfer-Encoding', 400, post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n')],
  ['a folded Transfer-Encoding', [400, 501], post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n')],
  ['two Transfer-Encoding lines', [400, 501], post(`${chunked}${chunked}`, '0\r\n\r\n')],
  ['a Transfer-Encoding line behind another coding', [400, 501], post(`Transfer-Encoding: x\r\n${chunked}`, '0\r\n\r\n')],
  ['Transfer-Encoding in HTTP/1.0', 400, `POST / HTTP/1.0\r\n${host}${chunked}\r\n0\r\n\r\n`],
  ['two Host lines', 400, get(`${host}Host: other.test\r\n`)],
  ['no Host line', 400, get('')],
  ['Connection: content-length', 400, post(`Connection: content-length\r\nContent-Length: ${smuggled.length}\r\n`)],
  ['Connection: transfer-encoding', 400, post(`Connection: transfer-encoding\r\n${chunked}`, '0\r\n\r\n')],
  ['Connection: host', 400, get(`${host}Connection: host\r\n`)],
  ['Connection: close, X-Forwarded-For', 400, get(`${host}Connection: close, X-Forwarded-For\r\n`)],
  ['two different lengths', 400, post('Content-Length: 1\r\nContent-Length: 2\r\n', 'ab')],
  ['the same length twice', 400, post('Content-Length: 2\r\nContent-Length: 2\r\n', 'ab')],
  ['a list of lengths', 400, post('Content-Length: 2, 2\r\n', 'ab')],
  ['a signed length', 400, post('Content-Length: +2\r\n', 'ab')],
  ['a negative length', 400, post('Content-Length: -1\r\n')],
  ['a hexadecimal length', 400, post('Content-Length: 0x2\r\n', 'ab')],
  ['a length of 2 ** 64', 400, post('Content-Length: 18446744073709551616\r\n', 'ab')],
  ['an empty length', 400, post('Content-Length:\r\n')],
  ['a space within a length', 400, post('Content-Length: 1 2\r\n', 'ab')],
  ['a space before the colon', 400, post('Content-Length : 2\r\n', 'ab')],
  ['a folded header', 400, get(`${host}X-A: b\r\n c\r\n`)],
  ['a line that begins with a space', 400, get(` X-A: b\r\n${host}`)],
  ['bare line feeds', 400, 'GET / HTTP/1.1\nHost: web.test\n\n'],
  ['a bare line feed inside the head', 400, get('Host: web.test\nX-A: b\r\n')],
  ['a bare line feed at the end of the head', 400, `GET / HTTP/1.1\r\n${host}\n`],
  ['a bare carriage return in a value', 400, get(`${host}X-A: b\rX-B: c\r\n`)],
  ['NUL in a value', 400, get(`${host}X-A: b\0c\r\n`)],
  ['NUL in a name', 400, get(`${host}X-A\0: b\r\n`)],
  ['a header name with a space', 400, get(`${host}X A: b\r\n`)],
  ['a header without a name', 400, get(`${host}: b\r\n`)],
  ['a line without a colon', 400, get(`${host}nonsense\r\n`)],
  ['an unknown method', 400, `NONSENSE / HTTP/1.1\r\n${host}\r\n`],
  ['a space in the target', 400, `GET /a b HTTP/1.1\r\n${host}\r\n`],
  ['no version', [400, 505], `GET /\r\n${host}\r\n`],
  ['HTTP/1.2', [400, 505], `GET / HTTP/1.2\r\n${host}\r\n`],
  ['HTTP/2.0 without HTTP/2', [400, 505], `GET / HTTP/2.0\r\n${host}\r\n`],
  ['user information in the target', 400, get(host, 'http://web.test@evil.test/')],
  ['a host that is none', 400, get('Host: web.test/evil\r\n')],
  ['CONNECT', 405, 'CONNECT web.test:80 HTTP/1.1\r\nHost: web.test:80\r\n\r\n'],
  ['a head that is too large', 431, get(`${host}X-A: ${'a'.repeat(20_000)}\r\n`)],
];

export const refusedRequests: readonly RefusedRequest[] = cases.map(([what, status, bytes]) => ({ what, bytes, status: [status].flat() }));

/** Bodies in chunks that are none, behind a head in order: an upstream may hear of the request, but never that it is complete. */
export const brokenBodies: readonly (readonly [what: string, body: string])[] = [
  ['a size that is no number', '3\r\nabc\r\nzz\r\nrest'],
  ['a negative size', '-1\r\n\r\n'],
  ['a size with a sign', '+3\r\nabc\r\n0\r\n\r\n'],
  ['a size with 0x', '0x3\r\nabc\r\n0\r\n\r\n'],
  ['an empty size', '\r\n0\r\n\r\n'],
  ['a size of 2 ** 64 and more', '10000000000000003\r\nabc\r\n0\r\n\r\n'],
  ['a size that ends in a bare line feed', '3\nabc\r\n0\r\n\r\n'],
  ['a size that ends in a bare carriage return', '3\rabc\r\n0\r\n\r\n'],
  ['an extension that ends in a bare line feed', '3;a\nabc\r\n0\r\n\r\n'],
  ['a space before the size', ' 3\r\nabc\r\n0\r\n\r\n'],
  ['data that are longer than they said', '3\r\nabcd\r\n0\r\n\r\n'],
  ['data that end in a bare line feed', '3\r\nabc\n0\r\n\r\n'],
  ['a last chunk that ends in bare line feeds', '3\r\nabc\r\n0\n\n'],
  ['a trailer without a colon', '3\r\nabc\r\n0\r\nnonsense\r\n\r\n'],
  ['a trailer with a space before the colon', '3\r\nabc\r\n0\r\nX-Sum : 1\r\n\r\n'],
  ['a trailer that frames', '3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n'],
  ['a folded trailer', '3\r\nabc\r\n0\r\nX-Sum: 1\r\n 2\r\n\r\n'],
];

/** Requests that look strange and are in order; each is one request, whose body (if there is one) is `abc`. */
export const soundRequests: readonly (readonly [what: string, bytes: string])[] = [
  ['a length with leading zeros', post('Content-Length: 003\r\n', 'abc')],
  ['blanks around a length', post('Content-Length: \t3 \t\r\n', 'abc')],
  ['a body that looks like a request head in part', post('Content-Length: 3\r\nX-A: GET /smuggled\r\n', 'abc')],
  ['a coding in capitals', post('TRANSFER-ENCODING: CHUNKED\r\n', '3\r\nabc\r\n0\r\n\r\n')],
  ['a size with leading zeros', post(chunked, '0003\r\nabc\r\n0\r\n\r\n')],
  ['an extension of a chunk', post(chunked, '3;a="b"\r\nabc\r\n0;c\r\n\r\n')],
  ['chunks of one byte', post(chunked, '1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n')],
  ['trailers', post(chunked, '3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n')],
  ['a GET with a body', `GET / HTTP/1.1\r\n${host}Content-Length: 3\r\n\r\nabc`],
  ['the absolute form', get('Host: evil.test\r\n', 'http://web.test/')],
  ['two spaces before the target', `GET  / HTTP/1.1\r\n${host}\r\n`],
  ['empty lines before it', `\r\n\r\n${get(host)}`],
];
