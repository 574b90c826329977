import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePasswordHash } from './password-hash.ts';

const tail = '$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

describe('the hash of a password', () => {
  it('is read as tools print it', () => {
    const hash = parsePasswordHash(` $argon2id$v=19$m=65536,t=2,p=1${tail}\n`);
    assert.ok(hash.kind === 'argon2');
    assert.deepEqual([hash.algorithm, hash.memory, hash.passes, hash.parallelism], ['argon2id', 65_536, 2, 1]);
    assert.deepEqual([hash.salt.toString(), hash.tag.length], ['somesalt', 32]);
  });

  it('may be one of bcrypt', () => {
    const text = `$2y$10$${'a'.repeat(53)}`;
    assert.deepEqual(parsePasswordHash(`${text}\n`), { kind: 'bcrypt', text });
  });

  for (const [what, text, reason] of [
    ['of bcrypt that is cut', '$2y$10$c4naryc4naryc4naryc4nary', /no whole hash of bcrypt/],
    ['of bcrypt that costs too much', `$2y$15$${'c4nary'.repeat(9).slice(0, 53)}`, /4 to 14/],
    ['of bcrypt that is another algorithm', `$2x$10$${'c4nary'.repeat(9).slice(0, 53)}`, /no whole hash/],
    ['that is the password', 'c4nary', /no hash of argon2/],
    ['of another version', `$argon2id$v=16$m=65536,t=2,p=1${tail}`, /no hash of argon2/],
    ['without a salt', '$argon2id$v=19$m=65536,t=2,p=1$$c4nary', /no hash of argon2/],
    ['that costs nothing', `$argon2id$v=19$m=65536,t=0,p=1${tail}`, /too small/],
    ['that has less memory than it needs', `$argon2id$v=19$m=31,t=1,p=4${tail}`, /too small/],
    ['that costs more than anybody may ask for', `$argon2id$v=19$m=4194304,t=2,p=1${tail}`, /at most/],
  ] as const) {
    it(`${what} cannot be used, and the reason does not show it`, () => {
      const hash = parsePasswordHash(text);
      assert.ok(hash.kind === 'unusable');
      assert.match(hash.reason, reason);
      assert.ok(!hash.reason.includes('c4nary'));
    });
  }
});
