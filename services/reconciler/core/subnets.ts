/** A range of IPv4 addresses, both ends included, as numbers. */
interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** Private /16 networks in the order in which they are tried: 172.16.0.0/12, then 10.0.0.0/8 (RFC 1918). */
const privateSubnets: readonly string[] = [
  ...Array.from({ length: 16 }, (_, index) => `172.${16 + index}.0.0/16`),
  ...Array.from({ length: 256 }, (_, index) => `10.${index}.0.0/16`),
];

/** Subnets that overlap nothing in `taken` (CIDR; what is not IPv4 is ignored): the preferred one first when it is free, then private ones in order. */
export function freeSubnets(preferred: string, taken: readonly string[]): string[] {
  const occupied = taken.map(parseSubnet).filter((range) => range !== null);
  return [...new Set([preferred, ...privateSubnets])].filter((candidate) => {
    const range = parseSubnet(candidate);
    return range !== null && !occupied.some((other) => overlap(range, other));
  });
}

/** The first address of a subnet, by custom the gateway's. */
export function gatewayOf(subnet: string): string | null {
  const range = parseSubnet(subnet);
  return range && formatAddress(range.first + 1);
}

/** A smaller subnet is not shared. */
const longestShared = 28;

/**
 * The part of a subnet, as CIDR, that the engine gives addresses from: the upper half. The lower one is left for addresses that are given on
 * purpose, which nobody else gets while their containers do not run.
 */
export function dynamicRangeOf(subnet: string): string | null {
  const range = parseSubnet(subnet);
  const length = Number(subnet.split('/')[1]);
  return range && length <= longestShared ? `${formatAddress((range.first + range.last + 1) / 2)}/${length + 1}` : null;
}

/** True for CIDR notation of IPv4. */
export function isIpv4Subnet(cidr: string): boolean {
  return parseSubnet(cidr) !== null;
}

/** True when the address lies in the subnet. */
export function isWithin(address: string, subnet: string): boolean {
  const range = parseSubnet(subnet);
  const alone = parseSubnet(`${address}/32`);
  return range !== null && alone !== null && overlap(range, alone);
}

/** The addresses that `10.0.0.5/24` stands for; null when it is not IPv4. */
export function parseSubnet(cidr: string): AddressRange | null {
  const [, ...parts] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, length = 33] = parts.map(Number);
  if (Math.max(a, b, c, d) > 255 || length > 32) return null;
  const size = 2 ** (32 - length);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return { first, last: first + size - 1 };
}

/** Dotted text of an address. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.first <= other.last && other.first <= one.last;
}
