import { hostOfAuthority } from './host-name.ts';
import type { RouteTable } from './route-table.ts';

interface Asked {
  /** As the client wrote it; empty when HTTP/1.0 named no host. */
  readonly authority: string;
  readonly path: string;
  /** How the client asked, as far as it is believed. */
  readonly protocol: string;
}

/**
 * Where a request has to be asked again, as an absolute address; null when it may be answered here. A host that no name can be is left to whoever refuses it.
 */
export function httpsAddress(
  { authority, path, protocol }: Asked,
  { strategy, httpsPort }: { readonly strategy: RouteTable['strategy']; readonly httpsPort: number },
): string | null {
  if (strategy !== 'https-only' || protocol === 'https') return null;
  if (!path.startsWith('/') || hostOfAuthority(authority) === null) return null;
  const host = authority.replace(/:\d*$/, '') || 'localhost';
  return `https://${host}${httpsPort === 443 ? '' : `:${httpsPort}`}${path}`;
}
