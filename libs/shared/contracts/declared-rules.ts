import { parseDurationMs, parseMemoryBytes } from '../kernel/index.ts';
import type { RouteRules } from './route-rules.ts';
import type { RuledProxyTable } from './service-spec.ts';

/** What holds for the requests of every host of `[proxy]`; null for nothing. */
export function rulesOf(proxy: RuledProxyTable): RouteRules | null {
  const { allow, basic_auth, max_body, rate_limit, request_headers, response_headers, service_scheme } = proxy;
  const rewrite = proxy.rewrite ?? (proxy.strip_prefix === true ? '/' : undefined);
  const rules: RouteRules = {
    ...(allow && { allow }),
    ...(basic_auth && { basic_auth }),
    ...(max_body !== undefined && { max_body: parseMemoryBytes(max_body, 'max_body') }),
    ...(rate_limit && { rate_limit: { requests: rate_limit.requests, window_ms: parseDurationMs(rate_limit.window) } }),
    ...(proxy.maintenance === true && { maintenance: maintenanceOf(proxy) }),
    ...(proxy.pause === true && { pause: pauseOf(proxy) }),
    ...(rewrite !== undefined && { rewrite }),
    // What everybody is spoken to by without rules is no rule.
    ...(service_scheme !== undefined && service_scheme !== 'http' && { scheme: schemeOf(proxy) }),
    ...(request_headers && { request_headers }),
    ...(response_headers && { response_headers }),
  };
  return Object.keys(rules).length === 0 ? null : rules;
}

function schemeOf({ service_scheme = 'http', service_tls_verify = true }: RuledProxyTable): NonNullable<RouteRules['scheme']> {
  return service_scheme === 'https' && !service_tls_verify ? 'https-unverified' : service_scheme;
}

function maintenanceOf({
  maintenance_status: status = 503,
  maintenance_page: page,
}: RuledProxyTable): NonNullable<RouteRules['maintenance']> {
  return { status, ...(page !== undefined && { page }) };
}

function pauseOf({ pause_timeout = '30s', pause_limit: limit = 1_000 }: RuledProxyTable): NonNullable<RouteRules['pause']> {
  return { timeout_ms: parseDurationMs(pause_timeout), limit };
}
