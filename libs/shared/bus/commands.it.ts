import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ConsumerInfo, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { eventStream, type Identity, NodeName, ServiceName } from '../contracts/index.ts';
import { logContext, TerminalError } from '../kernel/index.ts';
import { silentLog, startTestBus, type TestBus, waitUntil } from '../testing/index.ts';
import type { Bus } from './bus.ts';
import { createBusMetrics } from './bus-metrics.ts';
import { connectBus } from './connect.ts';

const durable = 'reconciler';

describe('a command that cannot be read or honoured', () => {
  let testBus: TestBus;
  let owner: NatsConnection;
  let raw: NatsConnection;

  async function connectPlain(identity: Identity): Promise<NatsConnection> {
    const seed = await readFile(join(testBus.keysFolder(identity), `${identity}.nk`), 'utf8');
    const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed.trim()));
    return await connect({ servers: testBus.url, authenticator, inboxPrefix: `_INBOX_${identity}` });
  }

  before(async () => {
    testBus = await startTestBus();
    [owner, raw] = await Promise.all([connectPlain('provision'), connectPlain('hooks')]);
  });
  after(async () => {
    await Promise.all([owner?.close(), raw?.close()]);
    await testBus?.close();
  });

  const consumer = async (): Promise<ConsumerInfo> => await (await jetstreamManager(owner)).consumers.info(eventStream, durable);

  for (const [what, payload] of [
    ['is no JSON', 'not JSON'],
    ['does not fit its contract', '{"service":7}'],
    ['is empty', ''],
  ] as const) {
    it(`is terminated, counted once and never delivered again when it ${what}, and the next one comes`, async () => {
      const metrics = createBusMetrics();
      const keysFolder = testBus.keysFolder('reconciler');
      const node = NodeName.parse('local');
      const reader: Bus = await connectBus({
        identity: 'reconciler',
        node,
        instance: `reader of what ${what}`,
        url: testBus.url,
        keysFolder,
        log: silentLog(),
        metrics,
      });
      const taken: string[] = [];
      try {
        const { seq } = await jetstream(raw).publish('deploy.requested', payload);
        await jetstream(raw).publish('deploy.requested', '{"service":"after"}');
        await reader.consume<'deploy.requested'>(durable, async ({ event }) => {
          taken.push(event.data.service);
          return { kind: 'done' };
        });
        await waitUntil(() => taken.length > 0);
        // Nothing is left that the server could deliver again.
        const info = await waitUntil(async () => {
          const now = await consumer();
          return now.num_ack_pending === 0 && now;
        });

        assert.deepEqual([info.num_redelivered, info.num_pending, info.ack_floor.stream_seq], [0, 0, seq + 1]);
        assert.deepEqual(taken, ['after']);
        assert.deepEqual((await metrics.rejected.get()).values, [{ value: 1, labels: { subject: 'deploy.requested' } }]);
      } finally {
        await reader.close();
      }
    });
  }

  it('is terminated too when it can never be honoured, and taken once', async () => {
    const reader = await testBus.connect('reconciler');
    const taken: string[] = [];
    try {
      for (const service of ['nowhere', 'after']) await jetstream(raw).publish('deploy.requested', JSON.stringify({ service }));
      await reader.consume<'deploy.requested'>(durable, async ({ event }) => {
        taken.push(event.data.service);
        if (event.data.service === 'nowhere') throw new TerminalError('SECRET_REF_INVALID', 'there is no such secret');
        return { kind: 'done' };
      });
      const info = await waitUntil(async () => {
        const now = await consumer();
        return taken.length > 1 && now.num_ack_pending === 0 && now;
      });
      assert.deepEqual([taken, info.num_redelivered, info.num_pending], [['nowhere', 'after'], 0, 0]);
    } finally {
      await reader.close();
    }
  });
});

describe('a command that is handled', () => {
  it('is named, with what it belongs to, on whatever is logged meanwhile', async () => {
    const testBus = await startTestBus();
    try {
      const [reconciler, cli] = await Promise.all([testBus.connect('reconciler'), testBus.connect('cli')]);
      const seen: unknown[] = [];
      await reconciler.consume(durable, async () => {
        await Promise.resolve();
        seen.push(logContext());
        return { kind: 'done' };
      });
      const service = ServiceName.parse('web');
      await cli.publish('deploy.requested', { service }, { id: 'said-1', correlationid: 'rollout-1', service });
      await waitUntil(() => seen.length > 0);
      assert.deepEqual(seen, [{ event: 'said-1', correlationid: 'rollout-1', service }]);
    } finally {
      await testBus.close();
    }
  });
});

describe('a command whose effect failed', () => {
  it('comes again, and keeps nothing back meanwhile', async () => {
    const testBus = await startTestBus();
    try {
      const [reconciler, cli] = await Promise.all([testBus.connect('reconciler'), testBus.connect('cli')]);
      const taken: string[] = [];
      await reconciler.consume<'deploy.requested'>(durable, async ({ event }) => {
        const { service } = event.data;
        taken.push(service);
        if (service === 'web' && taken.length === 1) throw new Error('the engine is gone');
        return { kind: 'done' };
      });
      for (const service of ['web', 'api']) await cli.publish('deploy.requested', { service: ServiceName.parse(service) });
      await waitUntil(() => taken.length === 3, { timeoutMs: 30_000 });
      assert.deepEqual(taken, ['web', 'api', 'web']);
    } finally {
      await testBus.close();
    }
  });
});

describe('commands of two nodes on one bus', () => {
  let testBus: TestBus;
  before(async () => {
    testBus = await startTestBus();
  });
  after(async () => await testBus?.close());

  it('come to the reconciler of the node that they name, whoever takes them first', async () => {
    const taken: string[] = [];
    for (const node of ['one', 'two']) {
      const reader = await testBus.connect('reconciler', { node });
      await reader.consume<'deploy.requested'>(durable, async ({ event }) => {
        taken.push(`${event.data.service} by ${node}`);
        return { kind: 'done' };
      });
    }
    const [one, two] = await Promise.all([testBus.connect('cli', { node: 'one' }), testBus.connect('cli', { node: 'two' })]);
    const names = Array.from({ length: 6 }, (_, index) => ServiceName.parse(`web-${index}`));
    for (const service of names) {
      await one.publish('deploy.requested', { service });
      await two.publish('deploy.requested', { service });
    }
    await waitUntil(() => taken.length >= 12, { timeoutMs: 60_000 });
    assert.deepEqual(taken.toSorted(), names.flatMap((name) => [`${name} by one`, `${name} by two`]).toSorted());
  });

  it('are not kept back by those of a node that is away, however many they are', async () => {
    const away = await testBus.connect('cli', { node: 'away' });
    for (let index = 0; index < 300; index += 1) await away.publish('deploy.requested', { service: ServiceName.parse(`left-${index}`) });
    const here = await testBus.connect('cli', { node: 'here' });
    await here.publish('deploy.requested', { service: ServiceName.parse('web') });
    const taken: string[] = [];
    const reader = await testBus.connect('reconciler', { node: 'here' });
    await reader.consume<'deploy.requested'>(durable, async ({ event }) => {
      taken.push(event.data.service);
      return { kind: 'done' };
    });
    await waitUntil(() => taken.length > 0, { timeoutMs: 30_000 });
    assert.deepEqual(taken, ['web']);
    await reader.close();
  });
});
