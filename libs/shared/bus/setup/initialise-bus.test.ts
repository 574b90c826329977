import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fromCurveSeed, fromSeed } from '@nats-io/nkeys';
import { identities } from '../../contracts/index.ts';
import { initialiseBus } from './initialise-bus.ts';

const bytes = (text: string) => new TextEncoder().encode(text.trim());

describe('initialising the bus', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'kedge-init-'));
    await mkdir(join(root, 'project'));
  });
  afterEach(async () => await rm(root, { recursive: true, force: true }));

  const keys = (...path: readonly string[]) => join(root, 'keys', ...path);
  const project = (...path: readonly string[]) => join(root, 'project', ...path);
  const config = () => join(root, 'nats', 'nats.conf');
  const text = async (path: string) => await readFile(path, 'utf8');
  const initialise = async (change: Partial<Parameters<typeof initialiseBus>[0]> = {}) => {
    await mkdir(join(root, 'nats'), { recursive: true });
    return await initialiseBus({
      keysRoot: keys(),
      natsConfigFile: config(),
      storeFolder: '/data',
      hooks: ['backup'],
      projectFolder: project(),
      publicUrl: 'nats://127.0.0.1:4222',
      ...change,
    });
  };

  it('makes a key for every identity, and the server knows each by its public half only', async () => {
    const { created } = await initialise();
    assert.deepEqual(created, [...identities]);
    const written = await text(config());
    for (const identity of identities) {
      const seed = await text(keys(identity, `${identity}.nk`));
      assert.ok(written.includes(fromSeed(bytes(seed)).getPublicKey()), identity);
      assert.ok(!written.includes(seed.trim()), identity);
    }
  });

  it('keeps every key when it is repeated, and makes only those that are missing', async () => {
    await initialise();
    const before = await text(keys('watcher', 'watcher.nk'));
    const curve = await text(keys('secrets', 'curve.seed'));
    const written = await text(config());
    assert.deepEqual(await initialise(), { created: [] });
    assert.equal(await text(config()), written);

    await rm(keys('proxy'), { recursive: true });
    // A writer that was killed in the middle may have left nothing in it.
    await writeFile(keys('cli', 'cli.nk'), '\n');
    assert.deepEqual((await initialise()).created, ['proxy', 'cli']);
    assert.equal(await text(keys('watcher', 'watcher.nk')), before);
    assert.equal(await text(keys('secrets', 'curve.seed')), curve);
    assert.notEqual(await text(config()), written);
  });

  it('gives those who ask the secrets component its public key, and nobody its seed', async () => {
    await initialise();
    const own = fromCurveSeed(bytes(await text(keys('secrets', 'curve.seed')))).getPublicKey();
    for (const asker of ['watcher', 'reconciler']) assert.equal(await text(keys(asker, 'secrets.pub')), `${own}\n`);
    for (const identity of identities) {
      const names = await readdir(keys(identity));
      assert.deepEqual([identity, names.includes('curve.seed')], [identity, identity === 'secrets']);
    }
  });

  it('lets nobody else read what it wrote', async () => {
    await initialise();
    const files = [config(), keys('cli', 'cli.nk'), keys('secrets', 'curve.seed'), project('.kedge', 'cli.nk')];
    for (const file of files) assert.equal((await stat(file)).mode & 0o777, 0o600, file);
    for (const folder of [keys('cli'), project('.kedge')]) assert.equal((await stat(folder)).mode & 0o777, 0o700, folder);
  });

  it('leaves the keys of people and hooks in the project folder, with a context for the command "nats"', async () => {
    await initialise();
    for (const identity of ['cli', 'hooks']) {
      assert.equal(await text(project('.kedge', `${identity}.nk`)), await text(keys(identity, `${identity}.nk`)));
    }
    assert.deepEqual(JSON.parse(await text(project('.kedge', 'nats', 'context', 'kedge.json'))), {
      description: 'Kedge, as hooks',
      url: 'nats://127.0.0.1:4222',
      nkey: '.kedge/hooks.nk',
      inbox_prefix: '_INBOX_hooks',
    });
    const shown = (await readdir(project('.kedge'))).toSorted();
    assert.deepEqual(shown, ['cli.nk', 'hooks.nk', 'nats']);
  });

  it('leaves a project folder alone when there is none to write to', async () => {
    await initialise({ projectFolder: null });
    assert.deepEqual(await readdir(project()), []);
  });
});
