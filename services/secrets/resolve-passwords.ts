import { parsePlace } from '@kedge/config/template';
import type { PasswordsReply, PasswordsRequest, ResolveReply, ResolveRequest, SecretRef } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';

/** Where hashes of passwords stand in a file of a service. */
const table = ['proxy', 'basic_auth'];

/**
 * Makes the answer to `secrets.passwords`: of hashes of passwords and of nothing else, because whoever asks faces the world. One that cannot be
 * told is left out, and keeps nobody from the others.
 */
export function createResolvePasswords(resolve: (asked: ResolveRequest) => Promise<ResolveReply>) {
  return async function resolvePasswords({ secrets }: PasswordsRequest): Promise<PasswordsReply> {
    if (!secrets.every(isPassword)) throw new TerminalError('SECRET_REF_INVALID', 'what is asked for is no password of a route');
    const all = await resolve({ secrets }).catch(() => null);
    if (all) return all;
    const each = await Promise.all(secrets.map(async (secret) => await resolve({ secrets: [secret] }).catch(() => null)));
    return { values: Object.assign({}, ...each.map((reply) => reply?.values ?? {})) };
  };
}

function isPassword({ ref }: SecretRef): boolean {
  const place = parsePlace(ref);
  return place?.path.endsWith('.toml') === true && place.pointer.length === 3 && table.every((key, index) => place.pointer[index] === key);
}
