import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePasswordHash } from '@kedge/shared/contracts';
import { hashSync } from 'bcryptjs';
import { createVerifyPassword } from './verify-password.ts';

const verifyPassword = createVerifyPassword();

describe('passwords whose hashes are of bcrypt', () => {
  it('are compared beside what else the process does', async () => {
    const hash = parsePasswordHash(hashSync('correct horse', 10).replace('$2b$', '$2y$'));
    assert.ok(hash.kind === 'bcrypt');
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
    }, 1);
    const found = await Promise.all(['correct horse', 'wrong', ''].map(async (password) => await verifyPassword(password, hash)));
    clearInterval(timer);
    assert.deepEqual(found, [true, false, false]);
    assert.ok(ticks > 5, `${ticks} ticks`);
  });
});
