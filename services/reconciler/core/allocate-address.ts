import { TerminalError } from '@kedge/shared/kernel';

/** An address that left service is not given again for this long: somebody may still send there. */
export const retiredForMs = 10 * 60_000;

interface AllocateAddress {
  /** CIDR of the default network. */
  readonly subnet: string;
  readonly gateway: string | null;
  /** Attached now, belonging to stopped containers, or promised to one that is being made. */
  readonly taken: ReadonlySet<string>;
  readonly retired: readonly { readonly address: string; readonly at: string }[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The lowest free IPv4 of the subnet, from its third address on (the first is the network, the second by custom the gateway).
 * @throws {TerminalError} ADDRESSES_EXHAUSTED when none is left
 */
export function allocateAddress({ subnet, gateway, taken, retired, now }: AllocateAddress): string {
  const { first, last } = rangeOf(subnet);
  const resting = new Set(retired.filter(({ at }) => now - Date.parse(at) < retiredForMs).map(({ address }) => address));
  for (let candidate = first + 2; candidate < last; candidate += 1) {
    const address = toText(candidate);
    if (address !== gateway && !taken.has(address) && !resting.has(address)) return address;
  }
  throw new TerminalError(
    'ADDRESSES_EXHAUSTED',
    `no address is free in ${subnet}; remove containers that are not needed, or wait 10 minutes for retired addresses`,
    {
      details: { subnet },
    },
  );
}

/** First (network) and last (broadcast) address of a CIDR as numbers. */
function rangeOf(cidr: string): { readonly first: number; readonly last: number } {
  const [base = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}

function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
