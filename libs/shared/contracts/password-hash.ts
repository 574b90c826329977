import { Buffer } from 'node:buffer';

/** The hash of a password, and how it was made. */
export type PasswordHash = Argon2Hash | BcryptHash;

/** In the form that bcrypt has for it (`$2b$12$…`). */
export interface BcryptHash {
  readonly kind: 'bcrypt';
  readonly text: string;
}

export interface Argon2Hash {
  readonly kind: 'argon2';
  readonly algorithm: 'argon2id' | 'argon2i' | 'argon2d';
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** Why a password cannot be compared with it. It tells nothing of the hash. */
export interface UnusableHash {
  readonly kind: 'unusable';
  readonly reason: string;
}

const phc =
  /^\$(argon2id|argon2i|argon2d)\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,9})\$([A-Za-z0-9+/]{11,86})={0,2}\$([A-Za-z0-9+/]{22,171})={0,2}$/;
const bcryptBegin = /^\$2[abxy]?\$/;
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** Twice as much for each: the least that there is, and about two seconds of a processor. */
const bcryptCost = { least: 4, most: 14 };
/** What anybody may make this process do by asking, wrong password or not. */
const most = { memory: 131_072, passes: 16, parallelism: 16 };

/** Reads a hash as password tools print it (the PHC string format). */
export function parsePasswordHash(text: string): PasswordHash | UnusableHash {
  const trimmed = text.trim();
  if (bcryptBegin.test(trimmed)) return parseBcrypt(trimmed);
  const [, algorithm, m, t, p, salt = '', tag = ''] = phc.exec(trimmed) ?? [];
  if (algorithm !== 'argon2id' && algorithm !== 'argon2i' && algorithm !== 'argon2d')
    return unusable('it is no hash of argon2 ("$argon2id$v=19$m=65536,t=3,p=1$…") or bcrypt ("$2b$12$…")');
  const [memory, passes, parallelism] = [Number(m), Number(t), Number(p)];
  if (passes < 1 || parallelism < 1 || memory < 8 * parallelism) return unusable('m, t or p of the hash is too small');
  if (memory > most.memory || passes > most.passes || parallelism > most.parallelism)
    return unusable(`m, t and p of the hash may be ${most.memory}, ${most.passes} and ${most.parallelism} at most`);
  return { kind: 'argon2', algorithm, memory, passes, parallelism, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') };
}

function parseBcrypt(text: string): PasswordHash | UnusableHash {
  const [, digits] = bcrypt.exec(text) ?? [];
  if (digits === undefined) return unusable('it is no whole hash of bcrypt ("$2b$12$" and 53 characters)');
  const cost = Number(digits);
  if (cost < bcryptCost.least || cost > bcryptCost.most)
    return unusable(`the cost of a hash of bcrypt may be ${bcryptCost.least} to ${bcryptCost.most}`);
  return { kind: 'bcrypt', text };
}

function unusable(reason: string): UnusableHash {
  return { kind: 'unusable', reason };
}
