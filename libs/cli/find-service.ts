import type { ServiceName, ServiceStatus } from '@kedge/shared/contracts';
import { nameList, nearest, TerminalError } from '@kedge/shared/kernel';

/**
 * The service of that name.
 * @throws {TerminalError} SERVICE_UNKNOWN naming the nearest one
 */
export function findService(services: readonly ServiceStatus[], name: ServiceName): ServiceStatus {
  const found = services.find(({ service }) => service === name);
  if (found) return found;
  throw unknownService(
    name,
    services.map(({ service }) => service),
  );
}

/** SERVICE_UNKNOWN, with the nearest of the names that are known. `alsoNot` goes on where else it is not, with a comma in front. */
export function unknownService(name: ServiceName, names: readonly ServiceName[], alsoNot = ''): TerminalError {
  const near = nearest(name, names);
  const hint = near !== null ? `did you mean "${near}"?` : names.length === 0 ? 'none is declared' : `there are: ${nameList(names)}`;
  return new TerminalError('SERVICE_UNKNOWN', `there is no service "${name}"${alsoNot}; ${hint}`);
}
