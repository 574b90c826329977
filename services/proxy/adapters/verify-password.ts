import { argon2, timingSafeEqual } from 'node:crypto';
import type { VerifyPassword } from '../ports.ts';

/** By node:crypto, in its pool of threads. */
export const verifyPassword: VerifyPassword = async (password, { algorithm, memory, passes, parallelism, salt, tag }) => {
  const parameters = { message: password, nonce: salt, parallelism, tagLength: tag.length, memory, passes };
  const found = await new Promise<Buffer>((resolve, reject) => {
    argon2(algorithm, parameters, (error, made) => (error ? reject(error) : resolve(made)));
  });
  return timingSafeEqual(found, tag);
};
