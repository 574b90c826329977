import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePasswordHash } from '@kedge/shared/contracts';
import { createVerifyPassword } from './verify-password.ts';

const verifyPassword = createVerifyPassword();

/** Of the reference implementation (phc-winner-argon2, test.c). */
const known = [
  '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
  '$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA',
];

describe('a password', () => {
  for (const text of known) {
    it(`is known by ${text.slice(1, 9)}`, async () => {
      const hash = parsePasswordHash(text);
      assert.ok(hash.kind === 'argon2');
      assert.deepEqual([await verifyPassword('password', hash), await verifyPassword('Password', hash)], [true, false]);
    });
  }
});
