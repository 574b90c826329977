import type { RouteRules, RuledProxyTable } from '@kedge/shared/contracts';
import { parseMemoryBytes } from './size.ts';

/** What holds for the requests of every host of `[proxy]`; null for nothing. */
export function rulesOf({ allow, max_body, strip_prefix, rewrite, request_headers, response_headers }: RuledProxyTable): RouteRules | null {
  const beginning = rewrite ?? (strip_prefix === true ? '/' : undefined);
  const rules: RouteRules = {
    ...(allow && { allow }),
    ...(max_body !== undefined && { max_body: parseMemoryBytes(max_body, 'max_body') }),
    ...(beginning !== undefined && { rewrite: beginning }),
    ...(request_headers && { request_headers }),
    ...(response_headers && { response_headers }),
  };
  return Object.keys(rules).length === 0 ? null : rules;
}
