import { isIP } from 'node:net';
import type { AddressSet } from './address-set.ts';
import { type Peer, plainAddress } from './forwarded-headers.ts';

interface Asking {
  readonly rawHeaders: readonly string[];
  readonly peer: Peer;
  /** Proxies that are believed about the client. */
  readonly trusts: AddressSet;
}

/**
 * Who asks: the peer, or where that is believed whom `X-Forwarded-For` names. Each proxy adds the one who asked it, so it is read from its end
 * as far as those who wrote it are believed. What is no address ends the reading.
 */
export function clientAddress({ rawHeaders, peer, trusts }: Asking): string {
  let client = peer.address;
  if (!trusts(client)) return client;
  for (const hop of forwardedFor(rawHeaders).toReversed()) {
    const address = addressOf(hop);
    if (address === null) return client;
    client = address;
    if (!trusts(client)) return client;
  }
  return client;
}

/** Not in other spellings: a client could write one that the proxy before this one leaves as it is. */
function forwardedFor(rawHeaders: readonly string[]): string[] {
  const lines = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'x-forwarded-for');
  return lines.flatMap((line) => line.split(','));
}

/** Some proxies add the port. */
function addressOf(hop: string): string | null {
  const [, bracketed, plain] = /^\s*(?:\[([^\]]*)\](?::\d+)?|([^\s:]+)(?::\d+)?|.*)\s*$/.exec(hop) ?? [];
  const address = bracketed ?? plain ?? hop.trim();
  return isIP(address) === 0 ? null : plainAddress(address);
}
