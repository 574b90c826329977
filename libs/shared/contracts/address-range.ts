import { isIP } from 'node:net';
import { z } from 'zod';
import { shortestIPv6 } from './ip-address.ts';

/** An address, or a range of them as RFC 4632 writes it: `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`. IPv4 is written as such. */
export const AddressRange = z
  .string()
  .refine(isRange, 'must be an address or a range such as "10.0.0.7", "10.0.0.0/8" or "2001:db8::/32"')
  .refine((text) => !isMapped(text), 'is an IPv4 address in the form of IPv6; write it as IPv4');

/** What `AddressRange` takes, for those who only ask. */
export function isAddressRange(text: string): boolean {
  return isRange(text) && !isMapped(text);
}

function isRange(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0 || more.length > 0) return false;
  return length === undefined || (/^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}

/** Whether it begins among those that stand for IPv4 (RFC 4291 §2.5.5.2), however it is written: nobody is known by one. */
function isMapped(text: string): boolean {
  const [address = ''] = text.split('/', 1);
  return address.includes(':') && /^::ffff:[0-9a-f]+:[0-9a-f]+$/.test(shortestIPv6(address) ?? '');
}
