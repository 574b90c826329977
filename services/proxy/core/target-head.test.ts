import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { admitted } from '../testing/admitted.ts';
import { createRuleCompiler } from './compile-rules.ts';
import { headerIn } from './header-edits.ts';
import { targetHead } from './target-head.ts';

const stripped = createRuleCompiler()({ rewrite: '/' }, { host: 'web.test', path: '/api' });

describe('the head that a target gets', () => {
  it('is that of the client without rules', () => {
    const asked = admitted({ target: '/api/x?y' });
    assert.deepEqual(targetHead(asked, null), { path: '/api/x?y', headers: asked.headers });
  });

  it('has the path that the service knows, and tells the part that it does not', () => {
    const { path, headers } = targetHead(admitted({ target: '/api/x?y' }), stripped);
    assert.deepEqual([path, headerIn(headers, 'x-forwarded-prefix')], ['/x?y', '/api']);
  });

  for (const [what, headers, trust, prefix] of [
    ['of a client is not believed', ['X-Forwarded-Prefix', '/evil'], false, '/api'],
    ['of a client is not believed, however it is written', ['x_forwarded_prefix', '/evil'], false, '/api'],
    ['of a proxy before this one stays in front', ['x-forwarded-prefix', '/shop/'], true, '/shop/api'],
    ['of a proxy before this one has one "/" behind it', ['x-forwarded-prefix', '/shop///'], true, '/shop/api'],
    ['of a proxy before this one may be nothing', ['x-forwarded-prefix', '//'], true, '/api'],
  ] as const) {
    it(`tells one prefix: that ${what}`, () => {
      const sent = targetHead(admitted({ target: '/api', headers, trust }), stripped).headers;
      const names = sent.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase().replaceAll('_', '-'));
      assert.equal(names.filter((name) => name === 'x-forwarded-prefix').length, 1);
      assert.equal(headerIn(sent, 'x-forwarded-prefix'), prefix);
    });
  }

  it('costs time in proportion to the prefix that came, whatever stands there', { timeout: 10_000 }, () => {
    const prefix = `${'/'.repeat(300_000)}x`;
    const sent = targetHead(admitted({ target: '/api', headers: ['X-Forwarded-Prefix', prefix], trust: true }), stripped).headers;
    // Quadratic, this takes a minute and more.
    assert.equal(headerIn(sent, 'x-forwarded-prefix'), `${prefix}/api`);
  });
});
