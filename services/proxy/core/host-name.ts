import { domainToASCII } from 'node:url';

/** An authority without user information (RFC 3986 §3.2): a name or address, or an IPv6 address in brackets, and perhaps a port. */
const authorityForm = /^(?:\[[0-9a-f:.]+\]|[^\s:@/?#[\]\\,"<>^`{|}]+)(?::\d{0,5})?$/i;

/**
 * The host of a `Host` header or authority as routes are matched: lower case, without port and without the dot of a fully qualified name.
 * Null when it is no authority at all; an empty one is an empty host.
 */
export function hostOfAuthority(authority: string): string | null {
  if (authority === '') return '';
  if (!authorityForm.test(authority)) return null;
  const colon = authority.lastIndexOf(':');
  const host = colon > authority.lastIndexOf(']') ? authority.slice(0, colon) : authority;
  return withoutLastDot(host.toLowerCase());
}

/** A host as a person declares it, in the form that clients send: names with other letters become Punycode (RFC 3492). */
export function hostOfRoute(declared: string): string {
  const lower = declared.toLowerCase();
  const host = hostOfAuthority(lower) ?? lower;
  return domainToASCII(host) || host;
}

function withoutLastDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}
