import { BlockList, isIPv6 } from 'node:net';
import { isAddressRange } from '@kedge/shared/contracts';
import { plainAddress } from './forwarded-headers.ts';

/** True for addresses that belong. */
export type AddressSet = (address: string) => boolean;

/** Everybody, and nobody. */
export const everyAddress: AddressSet = () => true;
export const noAddress: AddressSet = () => false;

/** The addresses of these ranges; a range that is none has none. */
export function addressSet(ranges: readonly string[]): AddressSet {
  // Of its own each: to a list of both, an IPv4 address is in the range `::/0` as well.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const range of ranges) {
    if (!isAddressRange(range)) continue;
    const [address = '', length] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (length === undefined) lists[family].addAddress(address, family);
    else lists[family].addSubnet(address, Number(length), family);
  }
  return (address) => {
    // The zone says which network card it was (RFC 4007 §11), not who.
    const [plain = ''] = plainAddress(address).split('%', 1);
    const family = isIPv6(plain) ? 'ipv6' : 'ipv4';
    return lists[family].check(plain, family);
  };
}
