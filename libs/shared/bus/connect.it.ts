import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { jetstream } from '@nats-io/jetstream';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import {
  type CloudEvent,
  ConfigManifest,
  Digest,
  ImageEntry,
  type ImageReference,
  imageKey,
  manifestKey,
  NodeName,
  ServiceName,
} from '../contracts/index.ts';
import { silentLog, startTestBus, type TestBus, waitUntil } from '../testing/index.ts';
import type { Bus, Handled } from './bus.ts';
import { createBusMetrics } from './bus-metrics.ts';
import { connectBus } from './connect.ts';
import { owe, sayWhatIsOwed, writeThenSay } from './state-first.ts';

const node = NodeName.parse('local');
const digest = Digest.parse(`sha256:${'a'.repeat(64)}`);
const reference = 'localhost:5000/app:1' as ImageReference;
const now = new Date('2026-01-02T03:04:05.678Z');

function imageEntry(): ImageEntry {
  return { reference, accepted: { digest, platformDigest: digest, acceptedAt: now.toISOString() }, state: 'present' };
}

function manifest(revision: string): ConfigManifest {
  return { node, revision, entry: 'kedge.toml', services: {}, delay: 60 };
}

describe('the bus on a real server', () => {
  let testBus: TestBus;
  let watcher: Bus;
  let reconciler: Bus;
  let cli: Bus;
  let hooks: Bus;

  before(async () => {
    testBus = await startTestBus();
    [watcher, reconciler, cli, hooks] = await Promise.all([
      testBus.connect('watcher'),
      testBus.connect('reconciler'),
      testBus.connect('cli'),
      testBus.connect('hooks'),
    ]);
  });
  after(async () => await testBus.close());

  it('lets one of two writers win and tells the other', async () => {
    const images = watcher.bucket('images', ImageEntry);
    const key = imageKey('one/winner:1');
    const revisions = await Promise.all(Array.from({ length: 8 }, async () => await images.create(key, imageEntry())));
    assert.equal(revisions.filter((revision) => revision !== null).length, 1);
    const won = revisions.find((revision) => revision !== null) ?? 0;
    assert.equal(await images.update(key, imageEntry(), won + 1_000), null);
    assert.ok(await images.update(key, imageEntry(), won));
  });

  it('reads all values of a node, and none that were deleted', async () => {
    const services = watcher.bucket('services', ConfigManifest);
    const revision = await services.create(manifestKey(node), manifest('r1'));
    assert.ok(revision);
    const images = watcher.bucket('images', ImageEntry);
    const gone = await images.create(imageKey('gone:1'), imageEntry());
    assert.ok(await images.delete(imageKey('gone:1'), gone ?? 0));
    const seen = await reconciler.bucket('images', ImageEntry).readEverything();
    assert.ok(!seen.has(imageKey('gone:1')));
    assert.equal(await images.get(imageKey('gone:1')), null);
    assert.ok(await images.create(imageKey('gone:1'), imageEntry()), 'a deleted key can be created again');
    assert.equal((await reconciler.bucket('services', ConfigManifest).get(manifestKey(node)))?.value.revision, 'r1');
  });

  it('reads more keys than one answer of the server holds', async () => {
    const images = watcher.bucket('images', ImageEntry);
    const keys = Array.from({ length: 1_500 }, (_, index) => imageKey(`many/${index}:1`));
    await Promise.all(keys.map(async (key) => await images.create(key, imageEntry())));
    const seen = await reconciler.bucket('images', ImageEntry).readEverything();
    assert.equal(keys.filter((key) => seen.has(key)).length, keys.length);
  });

  it('counts revisions within the epoch of the bucket', async () => {
    const revision = await watcher.bucket('images', ImageEntry).globalRevision(7);
    assert.equal(revision, await reconciler.bucket('images', ImageEntry).globalRevision(7));
    assert.match(revision, /^[0-9a-z]+\.7$/);
  });

  it('says what a value owes, once, to a core subscription', async () => {
    const heard: CloudEvent[] = [];
    hooks.follow(['image.updated'], (event) => heard.push(event));
    const images = watcher.bucket('images', ImageEntry);
    const owes = [
      owe(
        'image.updated',
        { reference, digest, platformDigest: digest, previous: null, services: [ServiceName.parse('web')] },
        { now, service: 'web' },
      ),
    ];
    const key = imageKey('owing:1');
    const entry = await writeThenSay({ bus: watcher, bucket: images, key, previous: null, value: { ...imageEntry(), owes } });
    assert.equal(entry?.value.owes, undefined);
    const [event] = await waitUntil(() => heard.length > 0 && heard);
    assert.equal(event?.type, 'image.updated.v1');
    assert.equal(event?.subject, 'web');
    assert.equal(event?.id, `image.updated/${key}/${(entry?.revision ?? 0) - 1}`);
  });

  it('says at the next start what a killed writer still owed, with the same id', async () => {
    const images = watcher.bucket('images', ImageEntry);
    const key = imageKey('killed:1');
    const owes = [owe('image.updated', { reference, digest, platformDigest: digest, previous: null, services: [] }, { now })];
    const revision = await images.create(key, { ...imageEntry(), owes });
    const heard: CloudEvent[] = [];
    const open = hooks.follow(['image.updated'], (event) => heard.push(event));
    await sayWhatIsOwed(watcher, images);
    await waitUntil(() => heard.some(({ id }) => id === `image.updated/${key}/${revision}`));
    assert.equal((await images.get(key))?.value.owes, undefined);
    await open.close();
  });

  it('delivers commands once each, with the actor and without', async () => {
    const taken: string[] = [];
    const consumer = await reconciler.consume('reconciler', async ({ event }): Promise<Handled> => {
      taken.push(JSON.stringify(event.data));
      return { kind: 'done' };
    });
    await cli.publish('deploy.requested', { service: ServiceName.parse('web') }, { actor: 'ann' });
    await hooks.publish('deploy.requested', { service: ServiceName.parse('api') });
    await waitUntil(() => taken.length === 2);
    assert.deepEqual(taken, ['{"service":"web"}', '{"service":"api"}']);
    await consumer.close();
  });

  it('delivers what comes after an empty message at once', async () => {
    const seen: string[] = [];
    const reader = await reconciler.consume<'deploy.requested'>('reconciler', async ({ event }): Promise<Handled> => {
      seen.push(event.data.service);
      return { kind: 'done' };
    });
    const key = await readFile(join(testBus.keysFolder('cli'), 'cli.nk'), 'utf8');
    const anybody = await connect({
      servers: testBus.url,
      authenticator: nkeyAuthenticator(new TextEncoder().encode(key.trim())),
      inboxPrefix: '_INBOX_cli',
    });
    const names = Array.from({ length: 40 }, (_, index) => `after-${index}`);
    for (const service of names) {
      anybody.publish('deploy.requested');
      anybody.publish('deploy.requested', JSON.stringify({ service }));
    }
    await anybody.flush();
    // Less than the minute after which the server delivers again what was not acknowledged.
    await waitUntil(() => seen.length === names.length, { timeoutMs: 20_000 });
    assert.deepEqual(seen, names);
    await anybody.close();
    await reader.close();
  });

  it('answers requests and carries errors back', async () => {
    watcher.serve('config.validate', async () => await Promise.reject(new Error('the folder is gone')));
    reconciler.serve('status.services', async () => ({
      node,
      engine: { reachable: true, message: 'ok' },
      config: { revision: null, problem: null },
      foreign: [],
      proxies: [],
      services: [],
    }));
    const status = await waitUntil(async () => await cli.request('status.services', {}));
    assert.equal(status.node, 'local');
    await assert.rejects(cli.request('config.validate', {}), { message: 'the folder is gone' });
  });

  describe('the recent events', () => {
    const service = ServiceName.parse('web');
    const everything = new Date(0);
    const updated = { reference, digest, platformDigest: digest, previous: null, services: [service] };

    it('are read oldest first, of the subjects that were asked for, over several pages', async () => {
      const ids = Array.from({ length: 1_100 }, (_, index) => `recent/${String(index).padStart(4, '0')}`);
      for (const some of chunks(ids, 100))
        await Promise.all(some.map(async (id) => await watcher.publish('image.updated', updated, { id })));
      await hooks.publish('deploy.requested', { service });

      const read = (await cli.recent({ since: everything, subjects: ['image.updated'] })).map(({ id }) => id);
      // One connection said them, in this order.
      assert.deepEqual(
        read.filter((id) => id.startsWith('recent/')),
        ids,
      );
      const both = await hooks.recent({ since: everything, subjects: ['image.updated', 'deploy.requested'] });
      assert.equal(both.at(-1)?.type, 'deploy.requested.v1');
      assert.ok(both.length > ids.length);
    });

    it('begin at the time that was asked for; later than the last there are none', async () => {
      await watcher.publish('image.updated', updated, { id: 'recent/before' });
      const [before] = (await cli.recent({ since: everything, subjects: ['image.updated'] })).slice(-1);
      assert.equal(before?.id, 'recent/before');
      const since = await waitUntil(() => Date.now() > Date.parse(before.time) + 50 && new Date());
      assert.deepEqual(await cli.recent({ since, subjects: ['image.updated'] }), []);
      await watcher.publish('image.updated', updated, { id: 'recent/after' });
      const read = await cli.recent({ since, subjects: ['image.updated'] });
      assert.deepEqual(
        read.map(({ id, data }) => ({ id, data })),
        [{ id: 'recent/after', data: updated }],
      );
    });

    it('leave out what cannot be read, and count it', async () => {
      const metrics = createBusMetrics();
      const keysFolder = testBus.keysFolder('hooks');
      const reader = await connectBus({
        identity: 'hooks',
        node,
        instance: 'reader',
        url: testBus.url,
        keysFolder,
        log: silentLog(),
        metrics,
      });
      const since = new Date();
      const raw = await connect({
        servers: testBus.url,
        authenticator: nkeyAuthenticator(new TextEncoder().encode((await readFile(join(keysFolder, 'hooks.nk'), 'utf8')).trim())),
        inboxPrefix: '_INBOX_hooks',
      });
      try {
        await jetstream(raw).publish('deploy.requested', 'not JSON');
        await hooks.publish('deploy.requested', { service }, { id: 'recent/readable' });
        const read = await reader.recent({ since, subjects: ['deploy.requested'] });
        assert.deepEqual(
          read.map(({ id }) => id),
          ['recent/readable'],
        );
        assert.deepEqual((await metrics.rejected.get()).values, [{ value: 1, labels: { subject: 'deploy.requested' } }]);
      } finally {
        await Promise.all([raw.close(), reader.close()]);
      }
    });

    it('hold what is said meanwhile, or the follower hears it', async () => {
      const heard: string[] = [];
      const open = cli.follow(['image.updated'], ({ id }) => heard.push(id));
      const ids = Array.from({ length: 50 }, (_, index) => `recent/meanwhile/${index}`);
      const saying = Promise.all(ids.map(async (id) => await watcher.publish('image.updated', updated, { id })));
      const read = await cli.recent({ since: everything, subjects: ['image.updated'] });
      await saying;
      const known = () => new Set([...read.map(({ id }) => id), ...heard]);
      await waitUntil(() => ids.every((id) => known().has(id)));
      await open.close();
    });

    it('are refused to a component', async () => {
      await assert.rejects(watcher.recent({ since: everything, subjects: ['image.updated'] }), { code: 'BUS_UNAVAILABLE' });
    });
  });

  it('refuses to publish what the catalogue does not know', async () => {
    const extra = { service: ServiceName.parse('web'), surprise: 1 };
    await assert.rejects(cli.publish('deploy.requested', extra), { code: 'CONTRACT_VIOLATION' });
  });
});

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
