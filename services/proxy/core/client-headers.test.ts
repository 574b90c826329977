import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientHeaders } from './client-headers.ts';
import { createRuleCompiler } from './compile-rules.ts';

describe('the headers that a client gets', () => {
  const answered = ['A', 'b', 'ratelimit', 'its own', 'RateLimit-Policy', 'its own'];
  const rate_limit = { requests: 1, window_ms: 1_000 };
  for (const [what, rules, told, expected] of [
    ['those of the target', {}, [], answered],
    ['told what the rules tell beside', { max_body: 1 }, ['C', 'd'], [...answered, 'C', 'd']],
    ['those of the target, edited', { response_headers: { set: { a: 'c' } } }, [], [...answered.slice(2), 'a', 'c']],
    ['told one rate, where the proxy counts', { rate_limit }, ['RateLimit', 'ours'], ['A', 'b', 'RateLimit', 'ours']],
  ] as const) {
    it(`are ${what}`, () => {
      assert.deepEqual(clientHeaders(answered, createRuleCompiler()(rules, { host: 'web.test', path: '/' }), told), expected);
    });
  }
});
