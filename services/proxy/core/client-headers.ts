import type { CompiledRules } from './compile-rules.ts';
import { editHeaders, withoutHeaders } from './header-edits.ts';

/** Where the proxy counts, what a target says of its own rate would be taken for the proxy's. */
const rateNames: ReadonlySet<string> = new Set(['ratelimit', 'ratelimit-policy']);

/** The headers of a target's answer as the rules make them, with what these tell the client themselves; names and values take turns. */
export function clientHeaders(
  headers: readonly string[],
  { responseEdits, rate }: Pick<CompiledRules, 'responseEdits' | 'rate'>,
  told: readonly string[],
): string[] {
  const own = rate ? withoutHeaders(headers, rateNames) : headers;
  return [...(responseEdits ? editHeaders(own, responseEdits) : own), ...told];
}
