import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { formatAddress } from '../core/subnets.ts';

/** Subnets that this process can see in use: addresses of its interfaces and its routes. On a bridge that is less than the host's. */
export async function hostSubnets(): Promise<string[]> {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const attached = addresses.flatMap(({ family, cidr }) => (family === 'IPv4' && cidr !== null ? [cidr] : []));
  return [...attached, ...routedSubnets(await readRoutes())];
}

/** Destinations of the kernel's table (`/proc/net/route`, hexadecimal, lowest byte first) without the default route. */
export function routedSubnets(table: string): string[] {
  const rows = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([, destination = '', , , , , , mask = '']) => {
    if (!isHexAddress(destination) || !isHexAddress(mask) || /^0+$/.test(mask)) return [];
    return [`${formatAddress(fromLittleEndian(destination))}/${prefixLength(mask)}`];
  });
}

/** Only Linux has the table. */
async function readRoutes(): Promise<string> {
  try {
    return await readFile('/proc/net/route', 'utf8');
  } catch {
    return '';
  }
}

function isHexAddress(text: string): boolean {
  return /^[0-9A-Fa-f]{8}$/.test(text);
}

function fromLittleEndian(hex: string): number {
  const bytes = hex.match(/../g) ?? [];
  return Number.parseInt(bytes.toReversed().join(''), 16);
}

function prefixLength(mask: string): number {
  return fromLittleEndian(mask).toString(2).replaceAll('0', '').length;
}
