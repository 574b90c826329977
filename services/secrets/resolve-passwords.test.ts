import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResolveRequest } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createResolvePasswords } from './resolve-passwords.ts';

const secret = (place: string) => ({ ref: `web/service.toml#/${place}`, fingerprint: 'key1:aa' });

async function ask(...places: string[]) {
  const resolve = async ({ secrets }: ResolveRequest) => {
    if (secrets.some(({ ref }) => ref.endsWith('gone'))) throw new RetryableError('SECRET_CHANGED', 'changed');
    return await Promise.resolve({ values: Object.fromEntries(secrets.map(({ ref }) => [ref, `hash of ${ref}`])) });
  };
  return Object.keys((await createResolvePasswords(resolve)({ secrets: places.map(secret) })).values);
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
    const asking = createResolvePasswords(async () => await Promise.resolve({ values: {} }));
    await assert.rejects(asking({ secrets: [{ ref: '.env#/proxy/basic_auth/ann', fingerprint: 'key1:aa' }] }), {
      code: 'SECRET_REF_INVALID',
    });
  });
});
