import { hostOfAuthority } from './host-name.ts';

/** Whose certificate is shown to whoever names a host that has no route, and to whoever names none while there are no routes. */
export const fallbackHost = 'localhost';

/** What may stand in a certificate, and be the name of a file. */
const dnsName = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

/**
 * Decides whose certificate a client gets, by the host that it named in its first message (SNI, RFC 6066 §3): no port, and no address. Hosts that
 * have a route by `*.example.com` alone share one for that name (RFC 6125 §6.4.3): each its own would be as many as clients can think of.
 */
export function certificateHost(serverName: string, routed: Pick<ReadonlySet<string>, 'has'>): string {
  const host = hostOfAuthority(serverName);
  if (host === null || !dnsName.test(host)) return fallbackHost;
  if (routed.has(host)) return host;
  const dot = host.indexOf('.');
  const pattern = `*${host.slice(dot)}`;
  return dot > 0 && routed.has(pattern) ? pattern : fallbackHost;
}

/** Whose certificate a client gets that names no host: who asks for an address does. The first in order of the alphabet, so addresses first. */
export function namelessHost(routed: Iterable<string>): string {
  return [...routed].filter((host) => dnsName.test(host)).toSorted()[0] ?? fallbackHost;
}
