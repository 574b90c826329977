import { TerminalError } from '@kedge/shared/kernel';
import { formatAddress, isWithin, parseSubnet } from './subnets.ts';

/** An address that left service is not given again for this long: somebody may still send there. */
export const retiredForMs = 10 * 60_000;

interface AllocateAddress {
  /** CIDR of the default network. */
  readonly subnet: string;
  readonly gateway: string | null;
  /** Where the engine gives addresses by itself: whoever comes up first would get one of ours. Null: anywhere. */
  readonly dynamicRange: string | null;
  /** Attached now, belonging to stopped containers, or promised to one that is being made. */
  readonly taken: ReadonlySet<string>;
  readonly retired: readonly { readonly address: string; readonly at: string }[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The lowest free IPv4 of the subnet, from its third address on (the first is the network, the second by custom the gateway), outside of what
 * the engine gives by itself as long as there is one.
 * @throws {TerminalError} ADDRESSES_EXHAUSTED when none is left
 */
export function allocateAddress({ subnet, gateway, dynamicRange, taken, retired, now }: AllocateAddress): string {
  const { first, last } = parseSubnet(subnet) ?? { first: 0, last: 0 };
  const resting = new Set(retired.filter(({ at }) => now - Date.parse(at) < retiredForMs).map(({ address }) => address));
  let second: string | null = null;
  for (let candidate = first + 2; candidate < last; candidate += 1) {
    const address = formatAddress(candidate);
    if (address === gateway || taken.has(address) || resting.has(address)) continue;
    if (dynamicRange === null || !isWithin(address, dynamicRange)) return address;
    second ??= address;
  }
  if (second !== null) return second;
  throw new TerminalError(
    'ADDRESSES_EXHAUSTED',
    `no address is free in ${subnet}; remove containers that are not needed, or wait 10 minutes for retired addresses`,
    {
      details: { subnet },
    },
  );
}
