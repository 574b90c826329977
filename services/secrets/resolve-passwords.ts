import { parsePlace } from '@kedge/config/template';
import type { PasswordsReply, PasswordsRequest, SecretRef } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';
import type { FindSecrets } from './find-secrets.ts';

/** Where hashes of passwords stand in a file of a service. */
const table = ['proxy', 'basic_auth'];

/**
 * Makes the answer to `secrets.passwords`: of hashes of passwords and of nothing else, because whoever asks faces the world. One that changed
 * meanwhile is left out, and keeps nobody from the others.
 */
export function createResolvePasswords(find: FindSecrets) {
  return async function resolvePasswords({ secrets }: PasswordsRequest): Promise<PasswordsReply> {
    if (!secrets.every(isPassword)) throw new TerminalError('SECRET_REF_INVALID', 'what is asked for is no password of a route');
    const found = await find(secrets);
    return { values: Object.fromEntries(found.flatMap(({ ref, value }) => (value === null ? [] : [[ref, value]]))) };
  };
}

function isPassword({ ref }: SecretRef): boolean {
  const place = parsePlace(ref);
  return place?.path.endsWith('.toml') === true && place.pointer.length === 3 && table.every((key, index) => place.pointer[index] === key);
}
