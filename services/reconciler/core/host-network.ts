import type { ServiceSpec } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';

/** The engine's own name for the network of its host. */
export const hostNetwork = 'host';
/** Where the host finds what listens on its own network. */
export const hostAddress = '127.0.0.1';

/**
 * True for a service that shares the network of the host: it has no address and no name of its own there.
 * @throws {TerminalError} NETWORK_CONFLICT when it is to be on another network as well
 */
export function isOnHostNetwork({ network = [] }: Pick<ServiceSpec, 'network'>): boolean {
  const others = network.filter(({ name }) => name !== hostNetwork);
  if (others.length === network.length) return false;
  if (others.length === 0) return true;
  throw new TerminalError(
    'NETWORK_CONFLICT',
    `a container on the host's network can be on no other, and ${others.map(({ name }) => name).join(', ')} is declared as well; remove one [[network]]`,
  );
}
