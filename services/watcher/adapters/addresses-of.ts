import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Addresses that the host of a URL has now; none when it has no name that is known. */
export async function addressesOf({ hostname }: URL): Promise<readonly string[]> {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return [bare];
  try {
    return (await lookup(bare, { all: true })).map(({ address }) => address);
  } catch {
    return []; // a name without an address is a result
  }
}
