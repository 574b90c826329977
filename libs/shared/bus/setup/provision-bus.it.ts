import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type JetStreamManager, jetstreamManager, type StreamUpdateConfig } from '@nats-io/jetstream';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { type BucketName, buckets, entriesOf, ScheduleEntry } from '../../contracts/index.ts';
import { NodeName, ServiceName, serviceKey } from '../../contracts/names.ts';
import { startTestBus, type TestBus } from '../../testing/index.ts';
import { provisionBus } from './provision-bus.ts';

const node = NodeName.parse('local');
const service = ServiceName.parse('job');
const second = 1_000_000_000;

describe('provisioning a server again', () => {
  let testBus: TestBus;
  let owner: NatsConnection;
  let manager: JetStreamManager;

  before(async () => {
    testBus = await startTestBus();
    const seed = new TextEncoder().encode((await readFile(join(testBus.keysFolder('provision'), 'provision.nk'), 'utf8')).trim());
    owner = await connect({ servers: testBus.url, authenticator: nkeyAuthenticator(seed), inboxPrefix: '_INBOX_provision' });
    manager = await jetstreamManager(owner);
  });
  after(async () => {
    await owner?.close();
    await testBus?.close();
  });

  /** A folder in which the watcher's key stands for that of who provisions. */
  async function keysOfAnother(): Promise<string> {
    const own = join(testBus.keysFolder('watcher'), 'own');
    await mkdir(own, { recursive: true });
    await copyFile(join(testBus.keysFolder('watcher'), 'watcher.nk'), join(own, 'provision.nk'));
    return own;
  }

  const configOf = async (name: BucketName) => (await manager.streams.info(`KV_${name}`)).config;
  const configs = async () => Object.fromEntries(await Promise.all(entriesOf(buckets).map(async ([name]) => [name, await configOf(name)])));

  const olderOnes: readonly (readonly [BucketName, string, Partial<StreamUpdateConfig>])[] = [
    ['releases', 'another history', { max_msgs_per_subject: 1 }],
    ['schedule', 'values that expired', { max_age: 3_600 * second }],
    ['challenges', 'values that did not expire', { max_age: 0 }],
    ['leases', 'a longer life', { max_age: 600 * second, duplicate_window: 120 * second }],
    ['services', 'smaller values', { max_msg_size: 1_000 }],
    ['images', 'less room and no direct reads', { max_bytes: 1_000_000, allow_direct: false }],
  ];
  for (const [name, what, older] of olderOnes) {
    it(`brings a bucket of an older version up to date that had ${what}: ${name}`, async () => {
      const wanted = await configOf(name);
      await manager.streams.update(`KV_${name}`, older);
      assert.notDeepEqual(await configOf(name), wanted);
      await testBus.provision();
      assert.deepEqual(await configOf(name), wanted);
    });
  }

  it('begins anew when the server does not answer for a while', async () => {
    const told: string[] = [];
    // Before the next question is asked.
    const engine = (action: 'pause' | 'unpause') => execFileSync('docker', [action, testBus.container.getId()]);
    await provisionBus({
      url: testBus.url,
      keysFolder: testBus.keysFolder('provision'),
      hooks: [],
      tell: (line) => {
        told.push(line);
        if (told.length === 1) engine('pause');
        if (line.startsWith('begins anew')) engine('unpause');
      },
    });
    assert.deepEqual(
      told.slice(0, 3).map((line) => line.split(/[ :]/)[0]),
      ['stream', 'begins', 'stream'],
      told.join('\n'),
    );
    assert.match(told.at(-1) ?? '', /^durable /);
  });

  it('ends at once when the server refuses', async () => {
    const told: string[] = [];
    await assert.rejects(
      provisionBus({ url: testBus.url, keysFolder: await keysOfAnother(), hooks: [], tell: (line) => told.push(line) }),
      /permissions violation/i,
    );
    assert.deepEqual(told, []);
  });

  it('keeps the values and the epoch of a bucket that it brings up to date', async () => {
    const schedule = (await testBus.connect('scheduler')).bucket('schedule', ScheduleEntry);
    const entry: ScheduleEntry = { node, service, cron: '@daily', zone: 'UTC', last: null, next: null };
    const revision = await schedule.create(serviceKey(node, service), entry);
    const epoch = await schedule.globalRevision(1);
    await manager.streams.update('KV_schedule', { max_msgs_per_subject: 9 });
    await testBus.provision();
    const other = (await testBus.connect('scheduler')).bucket('schedule', ScheduleEntry);
    assert.equal((await other.get(serviceKey(node, service)))?.revision, revision);
    assert.equal(await other.globalRevision(1), epoch);
  });

  it('changes nothing of what is up to date', async () => {
    const before = await configs();
    await testBus.provision();
    assert.deepEqual(await configs(), before);
  });
});
