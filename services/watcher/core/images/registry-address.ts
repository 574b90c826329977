import { BlockList, isIP } from 'node:net';

/** Where a registry is asked: with TLS, or else without. */
export interface RegistryAddress {
  readonly secure: URL;
  /** Null where it is asked with TLS only. */
  readonly plain: URL | null;
}

/** Where the registry that an image names is asked. `insecure` lists hosts (with port, if any) that may speak plain HTTP. */
export function registryAddress(registry: string, insecure: readonly string[]): RegistryAddress {
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry;
  const secure = new URL(`https://${host}`);
  const mayBePlain = isLoopbackName(secure.hostname) || insecure.includes(host);
  return { secure, plain: mayBePlain ? new URL(`http://${host}`) : null };
}

/** What kind of network an address belongs to. */
export type AddressReach = 'public' | 'private' | 'local';

/** `local`: this machine or its link, where nobody but the machine's own services should be asked. `private`: somebody's own network. */
export function addressReach(address: string): AddressReach {
  const bare = address.replace(/^\[|\]$/g, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
  const family = isIP(mapped) === 6 ? 'ipv6' : 'ipv4';
  if (localAddresses.check(mapped, family)) return 'local';
  return privateAddresses.check(mapped, family) ? 'private' : 'public';
}

/** Whether a name says of itself that it is this machine; what it resolves to does not count. */
export function isLoopbackName(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}

const localAddresses = new BlockList();
localAddresses.addSubnet('0.0.0.0', 8);
localAddresses.addSubnet('127.0.0.0', 8);
localAddresses.addSubnet('169.254.0.0', 16);
localAddresses.addAddress('::', 'ipv6');
localAddresses.addAddress('::1', 'ipv6');
localAddresses.addSubnet('fe80::', 10, 'ipv6');

const privateAddresses = new BlockList();
privateAddresses.addSubnet('10.0.0.0', 8);
privateAddresses.addSubnet('172.16.0.0', 12);
privateAddresses.addSubnet('192.168.0.0', 16);
privateAddresses.addSubnet('100.64.0.0', 10);
privateAddresses.addSubnet('fc00::', 7, 'ipv6');

interface Direction {
  readonly target: URL;
  readonly registry: URL;
  /** Addresses that the names resolve to now. */
  readonly targetAddresses: readonly string[];
  readonly registryAddresses: readonly string[];
}

/**
 * Whether a registry may send us to this place, for a token or by a redirect. A registry on the internet must not make us ask machines of
 * our own network; one inside of a private network may name its neighbour.
 */
export function maySendUsTo({ target, registry, targetAddresses, registryAddresses }: Direction): boolean {
  if (target.protocol !== 'https:' && target.protocol !== registry.protocol) return false;
  if (target.hostname === registry.hostname) return true;
  const reaches = targetAddresses.map(addressReach);
  if (reaches.length === 0 || reaches.includes('local')) return false;
  const isNeighbour = registryAddresses.length > 0 && registryAddresses.every((address) => addressReach(address) === 'private');
  return isNeighbour || !reaches.includes('private');
}
