import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import type { FindSecrets } from './find-secrets.ts';
import { createResolvePasswords } from './resolve-passwords.ts';

const secret = (place: string) => ({ ref: `web/service.toml#/${place}`, fingerprint: 'key1:aa' });

async function ask(...places: string[]) {
  let reads = 0;
  const find: FindSecrets = async (secrets) => {
    reads += 1;
    return await Promise.resolve(secrets.map(({ ref }) => ({ ref, pointer: [], value: ref.endsWith('gone') ? null : `hash of ${ref}` })));
  };
  const { values } = await createResolvePasswords(find)({ secrets: places.map(secret) });
  assert.equal(reads, 1, 'the files are read once');
  return Object.keys(values);
}

describe('passwords of routes', () => {
  it('are told, without those that cannot be', async () => {
    assert.deepEqual(await ask('proxy/basic_auth/ann', 'proxy/basic_auth/gone', 'proxy/basic_auth/bob'), [
      'web/service.toml#/proxy/basic_auth/ann',
      'web/service.toml#/proxy/basic_auth/bob',
    ]);
    assert.deepEqual(await ask(), []);
  });

  for (const place of ['env/TOKEN', 'proxy/basic_auth', 'proxy/basic_auth/a/b', 'service/command/1', 'proxy/request_headers/set']) {
    it(`are no other secret, such as ${place}`, async () => {
      await assert.rejects(ask('proxy/basic_auth/ann', place), { code: 'SECRET_REF_INVALID' });
    });
  }

  it('are not in files of variables', async () => {
    const asking = createResolvePasswords(async () => await Promise.resolve([]));
    await assert.rejects(asking({ secrets: [{ ref: '.env#/proxy/basic_auth/ann', fingerprint: 'key1:aa' }] }), {
      code: 'SECRET_REF_INVALID',
    });
  });

  it('are not said to be missing where nobody could look', async () => {
    const asking = createResolvePasswords(async () => await Promise.reject(new RetryableError('SECRET_SOURCE_UNREACHABLE', 'away')));
    await assert.rejects(asking({ secrets: [secret('proxy/basic_auth/ann')] }), { code: 'SECRET_SOURCE_UNREACHABLE' });
  });
});
