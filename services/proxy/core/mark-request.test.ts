import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headerIn } from './header-edits.ts';
import { type Marks, markRequest, marksOf } from './mark-request.ts';

const none: Marks = { forwarded: false, requestId: false, traceparent: false };
const newId = () => '01234567-89ab-4cde-8f01-23456789abcd';
const peer = { address: '192.0.2.1', protocol: 'http' } as const;

function marked(wanted: Partial<Marks>, headers: readonly string[] = [], more: Partial<Parameters<typeof markRequest>[1]> = {}) {
  return markRequest(headers, { marks: { ...none, ...wanted }, peer, authority: 'web.test', newId, ...more });
}

describe('the marks of a request', () => {
  it('are an id and a trace, unless the settings want others', () => {
    assert.deepEqual(marksOf({}), { forwarded: false, requestId: true, traceparent: true });
    assert.deepEqual(marksOf({ request_id: false, traceparent: false, forwarded: true }), { ...none, forwarded: true });
    assert.equal(marksOf({ request_id: false, traceparent: false }), null);
  });

  for (const [what, headers, expected] of [
    ['is made', ['A', 'x-request-id'], newId()],
    ['is kept', ['x-request-ID', 'abc.1:2+3/4=@_~-'], 'abc.1:2+3/4=@_~-'],
    ['is made for one that is too long', ['X-Request-Id', 'a'.repeat(129)], newId()],
    ['is made for one that could be something else', ['X-Request-Id', 'a b"'], newId()],
    ['is made for an empty one', ['X-Request-Id', ''], newId()],
    ['is made for two', ['X-Request-Id', 'a', 'x-request-id', 'b'], newId()],
    ['is made for one in another spelling, which is left out', ['X_Request_Id', 'a'], newId()],
  ] as const) {
    it(`have an id that ${what}`, () => {
      const found = marked({ requestId: true }, headers);
      assert.equal(headerIn(found, 'x-request-id'), expected);
      assert.equal(found.filter((text, index) => index % 2 === 0 && /^x.request.id$/i.test(text)).length, 1);
    });
  }

  const trace = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
  const made = '00-0123456789ab4cde8f0123456789abcd-8f0123456789abcd-01';
  for (const [given, expected] of [
    [`00-${trace}-01`, null],
    [`00-${trace}-00`, null],
    [`cc-${trace}-01`, null],
    [`cc-${trace}-01-what-comes-later`, null],
    [`00-${trace}-01-what-comes-later`, made],
    [`cc-${trace}-01x`, made],
    [`ff-${trace}-01`, made],
    [`00-${trace.toUpperCase()}-01`, made],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, made],
    [`00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`, made],
    ['', made],
    ['c4nary', made],
  ] as const) {
    it(`have ${expected === null ? 'the trace' : 'a new trace for'} ${given || 'none'}`, () => {
      const headers = ['Traceparent', given, 'tracestate', 'a=b'];
      const found = marked({ traceparent: true }, headers);
      assert.deepEqual(found, expected === null ? headers : ['traceparent', expected]);
    });
  }

  it('have a new trace where there are two or none', () => {
    const given = ['traceparent', `00-${trace}-01`];
    assert.deepEqual(marked({ traceparent: true }, [...given, ...given]), ['traceparent', made]);
    assert.deepEqual(marked({ traceparent: true }, ['A', 'b']), ['A', 'b', 'traceparent', made]);
  });

  for (const [address, protocol, authority, expected] of [
    ['192.0.2.1', 'http', 'web.test', 'for=192.0.2.1;host=web.test;proto=http'],
    ['192.0.2.1', 'https', 'web.test:8443', 'for=192.0.2.1;host="web.test:8443";proto=https'],
    ['2001:db8::1', 'http', '[::1]:80', 'for="[2001:db8::1]";host="[::1]:80";proto=http'],
    ['192.0.2.1', 'http', '', 'for=192.0.2.1;proto=http'],
    ['192.0.2.1', 'http', 'a";for=1\\', 'for=192.0.2.1;host="a\\";for=1\\\\";proto=http'],
  ] as const) {
    it(`say who asked: ${expected}`, () => {
      const found = marked({ forwarded: true }, ['Forwarded', 'for=10.0.0.1'], { peer: { address, protocol }, authority });
      assert.deepEqual(found, ['Forwarded', 'for=10.0.0.1', 'Forwarded', expected]);
    });
  }
});
