import type { CompiledRules } from './compile-rules.ts';
import { editHeaders, withoutHeaders } from './header-edits.ts';

/** Where the proxy counts, what a target says of its own rate would be taken for the proxy's. */
const rateNames: ReadonlySet<string> = new Set(['ratelimit', 'ratelimit-policy']);

/** The headers of a target's answer as the rules make them, with what the proxy itself tells the client; names and values take turns. */
export function clientHeaders(
  headers: readonly string[],
  rules: Pick<CompiledRules, 'responseEdits' | 'rate'> | null,
  told: readonly string[],
): string[] {
  if (rules === null) return [...headers, ...told];
  const { responseEdits, rate } = rules;
  const own = rate ? withoutHeaders(headers, rateNames) : headers;
  return [...(responseEdits ? editHeaders(own, responseEdits) : own), ...told];
}
