import { isIPv6, SocketAddress } from 'node:net';

/** Whether one port of the host on both addresses is the same. Without an address it is all of them. */
export function addressesClash(left: string | undefined, right: string | undefined): boolean {
  return isEverywhere(left) || isEverywhere(right) || shortest(left ?? '') === shortest(right ?? '');
}

/** Whether a port on it is taken on every address of the host: there is none, or it is the unspecified one of IPv4 or IPv6. */
export function isEverywhere(address: string | undefined): boolean {
  return address === undefined || ['0.0.0.0', '::'].includes(shortest(address));
}

/** An IPv6 address has many spellings. */
function shortest(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}
