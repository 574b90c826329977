import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRuleCompiler, readRules } from './compile-rules.ts';

const web = { host: 'web.test', path: '/' };
const compileRules = createRuleCompiler();

describe('the rules of a route', () => {
  it('hold when all of them are known', () => {
    const redirect = { to: 'web.test', permanent: true };
    assert.deepEqual([compileRules({ redirect }, web).closed, compileRules({ redirect }, web).redirect], [null, redirect]);
    assert.equal(compileRules({}, web).closed, null);
  });

  for (const [what, rules, place] of [
    ['a rule of a later version', { fortress: true }, 'rules.fortress'],
    ['a header of framing', { request_headers: { set: { 'Transfer-Encoding': 'c4nary' } } }, 'rules.request_headers.set.Transfer-Encoding'],
    ['a header value of two lines', { response_headers: { set: { A: 'b\r\nc4nary: d' } } }, 'rules.response_headers.set.A'],
    ['a header name that is none', { response_headers: { remove: ['a:b'] } }, 'rules.response_headers.remove.0'],
    ['a path that is a host', { rewrite: '//c4nary' }, 'rules.rewrite'],
    ['a path that leads up', { rewrite: '/a/%2E./b' }, 'rules.rewrite'],
    ['a path that would end the line', { rewrite: '/ HTTP/1.1' }, 'rules.rewrite'],
    ['a range that is none', { allow: ['10.0.0.0/8', 'c4nary'] }, 'rules.allow.1'],
    ['nobody at all', { allow: [] }, 'rules.allow'],
    ['a status that is none', { maintenance: { status: 101 } }, 'rules.maintenance.status'],
    ['a pause without a bound', { pause: { timeout_ms: 5 } }, 'rules.pause.limit'],
    ['a pause that no timer takes', { pause: { timeout_ms: 2 ** 31, limit: 1 } }, 'rules.pause.timeout_ms'],
    ['a rate over longer than that', { rate_limit: { requests: 1, window_ms: 2 ** 40 } }, 'rules.rate_limit.window_ms'],
    ['a rate of nothing', { rate_limit: { requests: 0, window_ms: 1_000 } }, 'rules.rate_limit.requests'],
    ['users of nobody', { basic_auth: {} }, 'rules.basic_auth'],
    ['a hash in the open', { basic_auth: { ann: 'c4nary' } }, 'rules.basic_auth.ann'],
    ['a name that ends early', { basic_auth: { 'a:b': { ref: 'r', fingerprint: 'f' } } }, 'rules.basic_auth.a:b'],
    ['a part of one', { redirect: { to: 'a', permanent: true, softly: true } }, 'rules.redirect.softly'],
    ['a value of another type', { redirect: { to: 5, permanent: true } }, 'rules.redirect.to'],
    ['a host that would end the line', { redirect: { to: 'a\r\nX: c4nary', permanent: true } }, 'rules.redirect.to'],
    ['a host that is an address of the web', { redirect: { to: 'c4nary/path', permanent: true } }, 'rules.redirect.to'],
  ] as const) {
    it(`close it for ${what}, and tell the place without what stands there`, () => {
      const { closed } = compileRules(rules, web);
      assert.equal(closed, `not understood by this version: ${place}`);
    });
  }

  it('are read once for all places and tables, and each place has its own path and rate', () => {
    let reads = 0;
    const compile = createRuleCompiler((rules) => {
      reads += 1;
      return readRules(rules);
    });
    const rules = { allow: ['10.0.0.0/8'], rewrite: '/', rate_limit: { requests: 1, window_ms: 1_000 } };
    const places = Array.from({ length: 100 }, (_, index) => ({ host: `h${index}.test`, path: `/p${index}` }));
    const compiled = [...places, ...places].map((place) => compile(rules, place));
    assert.equal(reads, 1);
    assert.deepEqual([compiled[7]?.rewrite, compiled[8]?.rewrite?.from], [{ from: '/p7', to: '/' }, '/p8']);
    assert.equal(new Set(compiled.map(({ rate }) => rate?.key)).size, 100);
  });
});
