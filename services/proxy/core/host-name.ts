import { domainToASCII } from 'node:url';
import { shortestIPv6 } from '@kedge/shared/contracts';

/** An authority without user information (RFC 3986 §3.2): a name or address in ASCII, or an IPv6 address in brackets, and perhaps a port. */
const authorityForm = /^(?:\[[0-9a-f:.]+\]|[!$%&'()*+.0-9;=a-z_~-]+)(?::\d{0,5})?$/i;
/** What no name has: `*`, which stands for others, and nothing between two dots. */
const noName = /\*|^\.|\.\./;

/**
 * The host of a `Host` header or authority as routes are matched: lower case, IPv6 in its shortest form, without port and without the dot of a fully
 * qualified name. Null when it is no authority at all; an empty one is an empty host.
 */
export function hostOfAuthority(authority: string): string | null {
  return authority === '' ? '' : noName.test(authority) ? null : plainHost(authority);
}

/** A host as a person declares it, in the form that clients send: names with other letters become Punycode (RFC 3492). */
export function hostOfRoute(declared: string): string {
  // Names in ASCII stay: those that look like numbers would become addresses.
  const ascii = /^[\x20-\x7e]*$/.test(declared) ? declared : domainToASCII(declared);
  return plainHost(ascii) ?? declared.toLowerCase();
}

function plainHost(authority: string): string | null {
  if (!authorityForm.test(authority)) return null;
  const bracket = authority.lastIndexOf(']');
  if (bracket !== -1) {
    const address = shortestIPv6(authority.slice(1, bracket));
    return address && `[${address}]`;
  }
  const colon = authority.lastIndexOf(':');
  const host = colon === -1 ? authority : authority.slice(0, colon);
  return (host.endsWith('.') ? host.slice(0, -1) : host).toLowerCase();
}
