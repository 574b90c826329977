import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { CliConfig, devConfig, findBusUrl, findKeysFolder } from './config.ts';

describe('findKeysFolder and findBusUrl', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kedge-cli-'));
    await mkdir(join(folder, 'project', '.kedge', 'nats', 'context'), { recursive: true });
    await mkdir(join(folder, 'project', 'deploy', 'web'), { recursive: true });
  });
  after(async () => await rm(folder, { recursive: true }));

  it('finds the nearest .kedge upwards', () => {
    assert.equal(findKeysFolder(undefined, join(folder, 'project', 'deploy', 'web')), join(folder, 'project', '.kedge'));
  });

  it('takes the folder that is set', () => assert.equal(findKeysFolder('/run/keys', folder), '/run/keys'));

  it('says where it looked and what makes the folder', () => {
    assert.throws(
      () => findKeysFolder(undefined, join(folder, 'elsewhere')),
      (thrown: Error & { code?: string }) => {
        assert.equal(thrown.code, 'BUS_KEY_MISSING');
        assert.match(thrown.message, /elsewhere.*npm start.*docker compose up -d.*KEDGE_KEYS/s);
        return true;
      },
    );
  });

  it('takes the address that is set, then the one beside the keys, then the default', async () => {
    const keys = join(folder, 'project', '.kedge');
    assert.equal(findBusUrl(undefined, keys), 'nats://127.0.0.1:4222');
    await writeFile(join(keys, 'nats', 'context', 'kedge-cli.json'), '{"url":"nats://127.0.0.1:5222","nkey":"x"}');
    assert.equal(findBusUrl(undefined, keys), 'nats://127.0.0.1:5222');
    assert.equal(findBusUrl('nats://elsewhere:1', keys), 'nats://elsewhere:1');
  });
});

describe('devConfig', () => {
  it('finds the keys below those of the stack beside it, and lets them name the bus', () => {
    const config = CliConfig.parse({ KEDGE_BUS_URL: 'nats://127.0.0.1:4222', KEDGE_NODE: 'production', KEDGE_ACTOR: 'ann' });
    assert.deepEqual(
      devConfig(config, () => '/project/.kedge'),
      {
        ...CliConfig.parse({ KEDGE_ACTOR: 'ann' }),
        KEDGE_NODE: 'dev',
        KEDGE_KEYS: '/project/.kedge/dev/.kedge',
      },
    );
  });

  it('changes nothing where that stack is the only one to be seen, as in a container of it', () => {
    const config = CliConfig.parse({ KEDGE_BUS_URL: 'nats://nats:4222', KEDGE_NODE: 'dev', KEDGE_KEYS: '/run/kedge/keys' });
    assert.equal(devConfig(config, assert.fail), config);
  });
});

describe('CliConfig', () => {
  it('has a default for everything', () => {
    assert.deepEqual(CliConfig.parse({}), {
      KEDGE_IDENTITY: 'cli',
      KEDGE_CONFIG: './deploy',
      KEDGE_HTTP_PORT: 80,
      KEDGE_NODE: 'local',
      KEDGE_PROCESSES: '/proc',
      KEDGE_LOG_LEVEL: 'silent',
    });
  });
});

describe('the ports of the proxy', () => {
  it('are numbers, and what is none is told in words', () => {
    const { KEDGE_HTTP_PORT, KEDGE_HTTPS_PORT } = CliConfig.parse({ KEDGE_HTTPS_PORT: '8443' });
    assert.deepEqual([KEDGE_HTTP_PORT, KEDGE_HTTPS_PORT], [80, 8443]);
    for (const wrong of ['abc', '65536', '-1', '80.5', ' ']) {
      const { error } = CliConfig.safeParse({ KEDGE_HTTP_PORT: wrong });
      assert.deepEqual(
        error?.issues.map(({ message }) => message),
        ['it must be a port, a number from 0 to 65535'],
        wrong,
      );
    }
  });
});
