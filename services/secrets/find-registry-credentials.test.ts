import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFindRegistryCredentials } from './find-registry-credentials.ts';

const auth = Buffer.from('file:pw').toString('base64');

function finder(
  config: Parameters<typeof createFindRegistryCredentials>[0]['dockerConfig'] extends { read(): Promise<infer Config> } ? Config : never,
) {
  const asked: string[] = [];
  const find = createFindRegistryCredentials({
    dockerConfig: { read: async () => config },
    helpers: {
      async get(helper, server) {
        asked.push(`${helper} ${server}`);
        return helper === 'knows' || server.startsWith('https://') ? { username: helper, password: server } : null;
      },
    },
  });
  return { find, asked };
}

describe('findRegistryCredentials', () => {
  it('is anonymous without a file', async () => {
    assert.deepEqual(await finder(null).find({ registry: 'r.example.com' }), { credentials: null });
  });

  it('takes the helper of the registry before the file', async () => {
    const { find, asked } = finder({ auths: { 'r.example.com': { auth } }, credHelpers: { 'r.example.com': 'knows' } });
    assert.deepEqual(await find({ registry: 'r.example.com' }), { credentials: { username: 'knows', password: 'r.example.com' } });
    assert.deepEqual(asked, ['knows r.example.com']);
  });

  it('goes on to the file when the helper gives nothing, and does not ask the store then', async () => {
    const { find, asked } = finder({
      auths: { 'r.example.com': { auth } },
      credHelpers: { 'r.example.com': 'ignorant' },
      credsStore: 'knows',
    });
    assert.deepEqual(await find({ registry: 'r.example.com' }), { credentials: { username: 'file', password: 'pw' } });
    assert.deepEqual(asked, ['ignorant r.example.com']);
  });

  it('asks a store for Docker Hub under both of its names', async () => {
    const { find, asked } = finder({ credsStore: 'store' });
    assert.deepEqual(await find({ registry: 'docker.io' }), {
      credentials: { username: 'store', password: 'https://index.docker.io/v1/' },
    });
    assert.deepEqual(asked, ['store docker.io', 'store https://index.docker.io/v1/']);
  });
});
