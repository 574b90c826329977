import { argon2, timingSafeEqual } from 'node:crypto';
import type { Argon2Hash } from '@kedge/shared/contracts';
import type { VerifyPassword } from '../ports.ts';
import { createVerifyBcrypt } from './verify-bcrypt.ts';

/** By node:crypto in its pool of threads, or in a thread of its own. */
export function createVerifyPassword(): VerifyPassword {
  const verifyBcrypt = createVerifyBcrypt();
  return async (password, hash) => (hash.kind === 'bcrypt' ? await verifyBcrypt(password, hash.text) : await verifyArgon2(password, hash));
}

async function verifyArgon2(password: string, { algorithm, memory, passes, parallelism, salt, tag }: Argon2Hash): Promise<boolean> {
  const parameters = { message: password, nonce: salt, parallelism, tagLength: tag.length, memory, passes };
  const found = await new Promise<Buffer>((resolve, reject) => {
    argon2(algorithm, parameters, (error, made) => (error ? reject(error) : resolve(made)));
  });
  return timingSafeEqual(found, tag);
}
