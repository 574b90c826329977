import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { buckets, eventStream, type Identity, identities } from '../../contracts/index.ts';
import { startTestBus, type TestBus, waitUntil } from '../../testing/index.ts';

/** One way to make the server answer into a place that the sender may not write. */
interface ReplyAttack {
  readonly name: string;
  readonly identity: Identity;
  /** What the attacker may publish, under its local name and under the server's own. */
  readonly local: string;
  readonly plain: string;
  readonly body: string;
  readonly reply: string;
}

const attacks: readonly ReplyAttack[] = [
  {
    name: 'the acknowledgement of an event overwrites a key',
    identity: 'hooks',
    local: 'gate.answered',
    plain: 'gate.answered',
    body: '{}',
    reply: '$KV.services.victim',
  },
  {
    name: 'the empty answer to a read deletes a stream',
    identity: 'proxy',
    local: 'JS.K.API.DIRECT.GET.KV_endpoints.$KV.endpoints.absent',
    plain: '$JS.API.DIRECT.GET.KV_endpoints.$KV.endpoints.absent',
    body: '',
    reply: '$JS.API.STREAM.DELETE.KV_images',
  },
  {
    name: 'a stored value, read back, becomes a consumer on another bucket',
    identity: 'scheduler',
    local: 'JS.K.API.DIRECT.GET.KV_schedule.$KV.schedule.evil',
    plain: '$JS.API.DIRECT.GET.KV_schedule.$KV.schedule.evil',
    body: '',
    reply: '$JS.API.CONSUMER.CREATE.KV_certificates.thief',
  },
  {
    name: 'a pull without messages deletes the stream of events',
    identity: 'reconciler',
    local: `JS.K.API.CONSUMER.MSG.NEXT.${eventStream}.reconciler`,
    plain: `$JS.API.CONSUMER.MSG.NEXT.${eventStream}.reconciler`,
    body: '{"batch":1,"no_wait":true}',
    reply: `$JS.API.STREAM.DELETE.${eventStream}`,
  },
  {
    name: 'a stored event, read back, overwrites a key',
    identity: 'hooks',
    local: `JS.K.API.DIRECT.GET.${eventStream}`,
    plain: `$JS.API.DIRECT.GET.${eventStream}`,
    body: '{"seq":1}',
    reply: '$KV.services.bystander',
  },
];

const evilConsumer = JSON.stringify({
  stream_name: 'KV_certificates',
  config: {
    name: 'thief',
    deliver_subject: '_INBOX_scheduler.loot',
    deliver_policy: 'all',
    ack_policy: 'none',
    inactive_threshold: 60_000_000_000,
  },
});

/** What the attacks are after. */
async function damage(owner: NatsConnection): Promise<string[]> {
  const manager = await jetstreamManager(owner, { checkAPI: false });
  const found: string[] = [];
  const streams = new Set((await manager.streams.list().next()).map(({ config }) => config.name));
  for (const name of [eventStream, ...Object.keys(buckets).map((bucket) => `KV_${bucket}`)])
    if (!streams.has(name)) found.push(`${name} is gone`);
  for (const key of ['victim', 'bystander']) {
    if (streams.has('KV_services') && (await (await new Kvm(owner).open('services')).get(key))) found.push(`services/${key} was written`);
  }
  if (streams.has('KV_certificates') && (await manager.consumers.list('KV_certificates').next()).some(({ name }) => name === 'thief')) {
    found.push('a thief reads certificates');
  }
  return found;
}

describe('attacks through the reply subject', () => {
  let testBus: TestBus;
  const open: NatsConnection[] = [];

  async function connectAs(identity: Identity, url = testBus.url): Promise<NatsConnection> {
    const seed = await readFile(join(testBus.keysFolder(identity), `${identity}.nk`), 'utf8');
    const connection = await connect({
      servers: url,
      authenticator: nkeyAuthenticator(new TextEncoder().encode(seed.trim())),
      inboxPrefix: `_INBOX_${identity}`,
    });
    open.push(connection);
    return connection;
  }

  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => {
    await Promise.all(open.map((connection) => connection.close()));
    await testBus.close();
  });

  for (const attack of attacks) {
    it(`does nothing: ${attack.name}`, async () => {
      const owner = await connectAs('provision');
      const attacker = await connectAs(attack.identity);
      if (attack.identity === 'scheduler') {
        await jetstream(attacker, { apiPrefix: 'JS.K.API' }).publish('JS.K.API.$KV.schedule.evil', evilConsumer);
      }
      if (attack.identity === 'hooks') await jetstream(attacker).publish('gate.answered', '{}');
      attacker.publish(attack.local, attack.body, { reply: attack.reply });
      await attacker.flush();
      await owner.flush();
      assert.deepEqual(await damage(owner), []);
    });
  }

  it('does nothing: a responder is made to write a key by the reply subject of a request', async () => {
    const responder = await testBus.connect('reconciler');
    let asked = 0;
    responder.serve('status.services', async () => {
      asked += 1;
      return await Promise.reject(new Error('an answer is an answer'));
    });
    const owner = await connectAs('provision');
    const attacker = await connectAs('cli');
    await waitUntil(() => {
      attacker.publish('status.services', '{}', { reply: '$KV.services.victim' });
      return asked > 0;
    });
    await owner.flush();
    assert.deepEqual(await damage(owner), []);
  });

  it('does the damage in a single account, so the checks above can fail', async () => {
    const open: NatsConnection[] = [];
    let server: StartedTestContainer | null = null;
    try {
      server = await new GenericContainer('nats:2.15-alpine')
        .withCommand(['-js'])
        .withExposedPorts(4222)
        .withLabels({ 'kedge.test': 'bus' })
        .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
        .start();
      const connection = await connect({ servers: `nats://127.0.0.1:${server.getMappedPort(4222)}` });
      open.push(connection);
      const manager = await jetstreamManager(connection);
      await manager.streams.add({ name: eventStream, subjects: ['gate.answered'], allow_direct: true });
      await manager.consumers.add(eventStream, { durable_name: 'reconciler', ack_policy: 'explicit' });
      for (const bucket of Object.keys(buckets)) await new Kvm(connection).create(bucket, { allow_direct: true });
      await jetstream(connection).publish('$KV.schedule.evil', evilConsumer);
      await jetstream(connection).publish('gate.answered', '{}');
      for (const attack of attacks.filter(({ identity }) => identity !== 'reconciler')) {
        connection.publish(attack.plain, attack.body, { reply: attack.reply });
      }
      const found = await waitUntil(async () => {
        const now = await damage(connection);
        return now.length === 4 && now;
      });
      assert.deepEqual(found.toSorted(), [
        'KV_images is gone',
        'a thief reads certificates',
        'services/bystander was written',
        'services/victim was written',
      ]);
    } finally {
      await Promise.all(open.map((connection) => connection.close()));
      await server?.stop();
    }
  });

  const refusals: readonly { readonly identity: Identity; readonly subject: string }[] = [
    { identity: 'hooks', subject: 'JS.K.API.DIRECT.GET.KV_certificates.$KV.certificates.x' },
    { identity: 'reconciler', subject: 'JS.K.API.DIRECT.GET.KV_certificates' },
    { identity: 'proxy', subject: 'deploy.requested' },
    { identity: 'hooks', subject: 'JS.K.API.STREAM.DELETE.EVENTS' },
    { identity: 'hooks', subject: '$JS.API.STREAM.PURGE.EVENTS' },
    { identity: 'hooks', subject: `JS.K.API.CONSUMER.MSG.NEXT.${eventStream}.reconciler` },
    { identity: 'hooks', subject: `$JS.ACK.${eventStream}.reconciler.1.1.1.1.1` },
    { identity: 'hooks', subject: 'image.updated' },
    { identity: 'scheduler', subject: `JS.K.API.DIRECT.GET.${eventStream}` },
    { identity: 'reconciler', subject: `$JS.API.DIRECT.GET.${eventStream}` },
    { identity: 'cli', subject: `$JS.API.DIRECT.GET.${eventStream}` },
    { identity: 'cli', subject: `JS.K.API.DIRECT.GET.${eventStream}.deploy.requested` },
    { identity: 'cli', subject: `JS.K.API.STREAM.MSG.GET.${eventStream}` },
    { identity: 'cli', subject: 'JS.K.API.$KV.services.local.web' },
    { identity: 'watcher', subject: 'JS.K.API.$KV.leases.proxy.local.x' },
    { identity: 'watcher', subject: 'JS.K.API.STREAM.CREATE.X' },
    { identity: 'proxy', subject: 'JS.K.API.STREAM.UPDATE.EVENTS' },
    { identity: 'proxy', subject: 'secrets.resolve' },
    { identity: 'provision', subject: 'image.updated' },
  ];
  for (const { identity, subject } of refusals) {
    it(`refuses ${identity} to publish ${subject}`, async () => {
      const connection = await connectAs(identity);
      const refused = nextPermissionError(connection);
      connection.publish(subject, '{}');
      assert.match(await refused, /permissions violation/i);
    });
  }

  const taps: readonly { readonly identity: Identity; readonly subject: string; readonly queue?: string }[] = [
    { identity: 'hooks', subject: '>' },
    { identity: 'hooks', subject: '_INBOX_cli.>' },
    { identity: 'scheduler', subject: '$KV.>' },
    { identity: 'cli', subject: 'secrets.resolve', queue: 'secrets' },
    { identity: 'secrets', subject: 'secrets.resolve' },
  ];
  for (const { identity, subject, queue } of taps) {
    it(`refuses ${identity} to subscribe to ${subject}${queue === undefined ? '' : ` in queue ${queue}`}`, async () => {
      const connection = await connectAs(identity);
      const refused = new Promise<string>((resolve) => {
        connection.subscribe(subject, { ...(queue === undefined ? {} : { queue }), callback: (error) => resolve(String(error)) });
      });
      assert.match(await refused, /permissions violation/i);
    });
  }

  it('refuses whoever has no key', async () => {
    await assert.rejects(connect({ servers: testBus.url, reconnect: false }), /authorization/i);
  });

  it('gives every identity a key of its own', async () => {
    const seeds = await Promise.all(identities.map((identity) => readFile(join(testBus.keysFolder(identity), `${identity}.nk`), 'utf8')));
    assert.equal(new Set(seeds).size, identities.length);
  });
});

async function nextPermissionError(connection: NatsConnection): Promise<string> {
  for await (const status of connection.status()) if (status.type === 'error') return String(status.error);
  return 'the connection closed without an error';
}
