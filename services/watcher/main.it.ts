import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import {
  type CloudEvent,
  ConfigManifest,
  entriesOf,
  ImageEntry,
  ImageReference,
  imageKey,
  NodeName,
  ServiceEntry,
  subjects,
} from '@kedge/shared/contracts';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { type FakeRegistry, imageManifest, startFakeRegistry } from './testing/fake-registry.ts';
import { type PlainSecrets, servePlainSecrets } from './testing/plain-secrets.ts';
import { startWatcherProcess, type WatcherProcess } from './testing/watcher-process.ts';

describe('the watcher, as a process on a real bus', () => {
  let testBus: TestBus;
  let cli: Bus;
  let reader: Bus;
  let secrets: PlainSecrets;
  let registry: FakeRegistry;
  let folder: string;
  let watcher: WatcherProcess | null = null;
  let node = NodeName.parse('n0');
  let events: CloudEvent[] = [];

  before(async () => {
    testBus = await startTestBus();
    [cli, reader, registry] = await Promise.all([
      testBus.connect('cli'),
      testBus.connect('watcher', { instance: 'test' }),
      startFakeRegistry(),
    ]);
    secrets = await servePlainSecrets(await testBus.connect('secrets'), testBus.keysFolder('secrets'));
    const heard = entriesOf(subjects).flatMap(([subject, contract]) =>
      contract.kind === 'event' && contract.publisher === 'watcher' ? [subject] : [],
    );
    cli.follow(heard, (event) => events.push(event));
  });
  after(async () => {
    await registry?.close();
    await testBus?.close();
  });

  let count = 0;
  beforeEach(async () => {
    count += 1;
    node = NodeName.parse(`n${count}`);
    events = [];
    folder = await mkdtemp(join(tmpdir(), 'kedge-watcher-'));
    Object.assign(secrets, { variables: {}, keyId: 'key1', origin: 'vars', credentials: null, problems: [] });
    registry.intercept = null;
  });
  afterEach(async () => {
    await watcher?.stop('SIGKILL');
    watcher = null;
    await rm(folder, { recursive: true, force: true });
  });

  async function write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  }

  async function start(): Promise<WatcherProcess> {
    watcher = await startWatcherProcess({
      KEDGE_NODE: node,
      KEDGE_INSTANCE: `w${count}`,
      KEDGE_BUS_URL: testBus.url,
      KEDGE_KEYS: testBus.keysFolder('watcher'),
      KEDGE_CONFIG_DIR: folder,
      KEDGE_PLATFORM: 'linux/amd64',
    });
    return watcher;
  }

  const image = (name: string) => ImageReference.parse(`${registry.host}/${name}`);
  const service = (name: string, more = '') =>
    `[service]\nname = "${name}"\nimage = "${image(name)}"\n${more}\n[dispenser]\nwatch = true\n`;
  const main = (...names: readonly string[]) => ['delay = 1', ...names.map((name) => `[[service]]\npath = "${name}"`), ''].join('\n');
  const manifest = async () => (await reader.bucket('services', ConfigManifest).get(`${node}._config`))?.value ?? null;
  const entry = async (name: string) => (await reader.bucket('services', ServiceEntry).get(`${node}.${name}`))?.value ?? null;
  const imageEntry = async (name: string) => (await reader.bucket('images', ImageEntry).get(imageKey(image(name))))?.value ?? null;
  const heard = (type: string) => events.filter((event) => event.kedgenode === node && event.type === `${type}.v1`);
  const named = async (...names: readonly string[]) =>
    await waitUntil(
      async () =>
        Object.keys((await manifest())?.services ?? {})
          .toSorted()
          .join() === names.toSorted().join(),
      { what: `services ${names.join()}` },
    );

  it('puts a configuration in force, accepts its images and says so', async () => {
    const digest = registry.put('web', imageManifest('web-1'), 'latest');
    await write({ 'kedge.toml': main('web'), 'web/service.toml': service('web') });
    await start();
    await named('web');
    const wish = await entry('web');
    assert.equal(wish?.path, 'web');
    assert.equal((await manifest())?.services.web, wish?.hash);
    const accepted = await waitUntil(async () => (await imageEntry('web'))?.accepted);
    assert.equal(accepted.digest, digest);
    await waitUntil(() => heard('image.updated').length === 1 && heard('config.changed').length === 1);
    await waitUntil(async () => (await watcher?.get('/readyz'))?.status === 200);

    const second = registry.put('web', imageManifest('web-2'), 'latest');
    await waitUntil(() => heard('image.updated').length === 2);
    assert.equal((await imageEntry('web'))?.accepted?.digest, second);
  });
});
