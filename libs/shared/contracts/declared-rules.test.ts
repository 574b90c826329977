import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rulesOf } from './declared-rules.ts';
import { RouteRules } from './route-rules.ts';
import type { RuledProxyTable } from './service-spec.ts';

describe('the rules of a route', () => {
  const table: readonly (readonly [declared: Partial<RuledProxyTable>, rules: RouteRules | null])[] = [
    [{}, null],
    [{ redirect_from: ['b'], redirect: 'temporary' }, null],
    [{ allow: ['10.0.0.0/8'] }, { allow: ['10.0.0.0/8'] }],
    [{ max_body: '1.5m' }, { max_body: 1_572_864 }],
    [{ maintenance: false, maintenance_page: 'a', pause: false, pause_limit: 5 }, null],
    [{ maintenance: true }, { maintenance: { status: 503 } }],
    [{ maintenance: true, maintenance_status: 200, maintenance_page: 'a' }, { maintenance: { status: 200, page: 'a' } }],
    [{ pause: true }, { pause: { timeout_ms: 30_000, limit: 1_000 } }],
    [{ pause: true, pause_timeout: '1m', pause_limit: 5 }, { pause: { timeout_ms: 60_000, limit: 5 } }],
    [{ rate_limit: { requests: 5, window: '1m' } }, { rate_limit: { requests: 5, window_ms: 60_000 } }],
    [{ basic_auth: { a: { ref: 'r', fingerprint: 'f' } } }, { basic_auth: { a: { ref: 'r', fingerprint: 'f' } } }],
    [{ service_scheme: 'https' }, { scheme: 'https' }],
    [{ service_scheme: 'https', service_tls_verify: false }, { scheme: 'https-unverified' }],
    [{ strip_prefix: false }, null],
    [{ strip_prefix: true }, { rewrite: '/' }],
    [{ rewrite: '/v2' }, { rewrite: '/v2' }],
    [{ request_headers: { remove: ['A'] } }, { request_headers: { remove: ['A'] } }],
    [{ response_headers: { set: { A: 'b' } } }, { response_headers: { set: { A: 'b' } } }],
  ];
  for (const [declared, rules] of table) {
    it(`of ${JSON.stringify(declared)} are ${JSON.stringify(rules)}`, () => {
      assert.deepEqual(rulesOf({ host: 'a', service_port: 80, ...declared }), rules);
      // What is written has to be what a proxy reads.
      if (rules) assert.deepEqual(RouteRules.parse(rules), rules);
    });
  }
});
