import { isIP } from 'node:net';
import type { Target } from '@kedge/shared/contracts';
import type { UpstreamScheme } from '../ports.ts';
import { headerIn } from './header-edits.ts';

const socketPrefix = 'unix:';

/** As `connect` of node:net and node:tls takes it. */
type Place = { readonly path: string } | { readonly host: string; readonly port: number; readonly autoSelectFamily: false };

/** Where a target is connected to: a port, or the socket of a file system where its address begins with `unix:`. */
export function placeOf({ address, port }: Pick<Target, 'address' | 'port'>): Place {
  if (address.startsWith(socketPrefix)) return { path: address.slice(socketPrefix.length) };
  return { host: address, port, autoSelectFamily: false };
}

/** How TLS is spoken to targets; null: it is not. */
export function tlsTerms(scheme: UpstreamScheme): TlsTerms | null {
  return scheme === 'https' || scheme === 'https-unverified' ? { isVerified: scheme === 'https' } : null;
}

/** Whether a target has to show a certificate for the host that is asked for, by an authority that this machine trusts. */
export interface TlsTerms {
  readonly isVerified: boolean;
}

interface TlsOptions {
  readonly servername: string;
  readonly rejectUnauthorized: boolean;
  ALPNProtocols: string[];
  readonly minVersion: 'TLSv1.2';
}

/** As `connect` of node:tls takes it: for a connection on which requests have these headers. */
export function tlsOptions({ isVerified }: TlsTerms, headers: readonly string[]): TlsOptions {
  return { servername: serverName(headers), rejectUnauthorized: isVerified, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' };
}

/** What a target is asked for before HTTP is spoken, and has to show a certificate for; empty for an address, which is no name for SNI (RFC 6066 §3). */
export function serverName(headers: readonly string[]): string {
  const host = (headerIn(headers, 'host') ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  // Without the dot of a fully qualified one.
  return isIP(host) === 0 ? host.toLowerCase().replace(/\.$/, '') : '';
}

/** Codes by which OpenSSL and Node say that a certificate will not do. */
const notTrusted = /CERT|UNABLE_TO_(?:GET|VERIFY)/;

/** Why a connection failed, and what can be done about it. */
export function dialReason(error: Error & { readonly code?: unknown }): string {
  const code = typeof error.code === 'string' ? error.code : error.message;
  return notTrusted.test(code)
    ? `${code}: its certificate is not trusted for this host; give it another one, or set service_tls_verify = false`
    : code;
}
