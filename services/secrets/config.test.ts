import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SecretsConfig } from './config.ts';

describe('settings of the secrets component', () => {
  it('have defaults for everything', () => {
    assert.deepEqual(SecretsConfig.parse({}), {
      KEDGE_CONFIG_DIR: '/config',
      KEDGE_SECRET_REFRESH: 300_000,
      KEDGE_GOOGLE_ENDPOINT: 'https://secretmanager.googleapis.com',
      KEDGE_STATE_DIR: '/var/lib/kedge/secrets',
      KEDGE_DOCKER_CONFIG: '/docker-config',
    });
  });

  it('take an empty name of the main file for none, and no path', () => {
    assert.equal(SecretsConfig.parse({ KEDGE_CONFIG_FILE: '' }).KEDGE_CONFIG_FILE, undefined);
    assert.equal(SecretsConfig.parse({ KEDGE_CONFIG_FILE: 'stack.toml' }).KEDGE_CONFIG_FILE, 'stack.toml');
    assert.equal(SecretsConfig.safeParse({ KEDGE_CONFIG_FILE: '../stack.toml' }).success, false);
  });

  it('tell what is wrong with a duration or an address, without more', () => {
    const told = SecretsConfig.safeParse({ KEDGE_SECRET_REFRESH: 'often', KEDGE_GOOGLE_ENDPOINT: 'nowhere' }).error?.issues ?? [];
    assert.deepEqual(
      told.map(({ path }) => path.join('.')),
      ['KEDGE_SECRET_REFRESH', 'KEDGE_GOOGLE_ENDPOINT'],
    );
    assert.equal(told[0]?.message, 'must be a duration such as "5m"');
  });
});
