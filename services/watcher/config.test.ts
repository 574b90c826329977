import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WatcherConfig } from './config.ts';

describe('settings of the watcher', () => {
  it('have defaults for everything', () => {
    const { KEDGE_PLATFORM, ...rest } = WatcherConfig.parse({});
    assert.deepEqual(rest, { KEDGE_CONFIG_DIR: '/config', KEDGE_INSECURE_REGISTRIES: [], KEDGE_ONLY: [] });
    assert.match(KEDGE_PLATFORM, /^linux\/[a-z0-9]+/);
  });

  it('name the ports of the proxy', () => {
    assert.equal(WatcherConfig.parse({ KEDGE_HTTPS_PORT: '8443' }).KEDGE_HTTPS_PORT, 8443);
    assert.equal(WatcherConfig.parse({ KEDGE_HTTP_PORT: '8080' }).KEDGE_HTTP_PORT, 8080);
    assert.equal(WatcherConfig.safeParse({ KEDGE_HTTP_PORT: 'http' }).success, false);
  });

  it('list services that are wanted', () => {
    assert.deepEqual(WatcherConfig.parse({ KEDGE_ONLY: 'api, apps/db' }).KEDGE_ONLY, ['api', 'apps/db']);
  });

  it('list insecure registries', () => {
    assert.deepEqual(WatcherConfig.parse({ KEDGE_INSECURE_REGISTRIES: 'a:5000, b ,' }).KEDGE_INSECURE_REGISTRIES, ['a:5000', 'b']);
  });

  it('are refused when they cannot work', () => {
    const { error } = WatcherConfig.safeParse({ KEDGE_CONFIG_DIR: 'config', KEDGE_PLATFORM: 'amd64' });
    assert.deepEqual(
      error?.issues.map(({ path, message }) => `${path.join()} ${message}`),
      ['KEDGE_CONFIG_DIR must be an absolute path', 'KEDGE_PLATFORM must be written like "linux/amd64" or "linux/arm/v7"'],
    );
  });
});
