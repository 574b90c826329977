import type { ResolveReply, ResolveRequest } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { FindSecrets, FoundSecret } from './find-secrets.ts';

/**
 * Makes the answer to `secrets.resolve`. A value that is no longer the one that the fingerprint was made from is refused: the watcher will declare
 * the new one soon.
 */
export function createResolveSecrets(find: FindSecrets) {
  return async function resolveSecrets({ secrets }: ResolveRequest): Promise<ResolveReply> {
    return { values: Object.fromEntries((await find(secrets)).map((found) => [found.ref, unchanged(found)])) };
  };
}

/** Names the key alone: a variable may have made the path of the file. */
function unchanged({ pointer, value }: FoundSecret): string {
  if (value !== null) return value;
  throw new RetryableError(
    'SECRET_CHANGED',
    `the value of "${pointer.join('.')}" changed since it was declared; it is used once the new configuration is in force`,
    { details: { key: pointer.join('.') } },
  );
}
