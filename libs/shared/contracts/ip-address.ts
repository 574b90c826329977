import { isIPv6 } from 'node:net';

/** An IPv6 address in its one shortest form, which has no dots (RFC 5952 §4); null for what is none, or names a network card (`%eth0`). */
export function shortestIPv6(text: string): string | null {
  return isIPv6(text) && !text.includes('%') ? new URL(`http://[${text}]`).hostname.slice(1, -1) : null;
}
