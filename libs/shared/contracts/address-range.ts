import { isIP } from 'node:net';
import { z } from 'zod';

/** An address, or a range of them as RFC 4632 writes it: `10.0.0.7`, `10.0.0.0/8`, `2001:db8::/32`. IPv4 is written as such. */
export const AddressRange = z
  .string()
  .refine(isRange, 'must be an address or a range such as "10.0.0.7", "10.0.0.0/8" or "2001:db8::/32"')
  .refine((text) => !/^::ffff:.*\./i.test(text), 'is an IPv4 address in the form of IPv6; write it as IPv4');

function isRange(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0 || more.length > 0) return false;
  return length === undefined || (/^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}
