import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type Bucket, type Bus, owe, writeThenSay } from '@kedge/shared/bus';
import {
  type CloudEvent,
  EndpointsEntry,
  hasReached,
  ProxyRecord,
  ProxySettingsEntry,
  proxySettingsKey,
  type TrafficSampled,
} from '@kedge/shared/contracts';
import { type Examine, readEnvironment } from '@kedge/shared/service';
import { waitUntil as pollUntil, silentLog, startTestBus, type TestBus } from '@kedge/shared/testing';
import { Registry } from 'prom-client';
import { createEndpointsSource } from './adapters/bus-endpoints.ts';
import { createSnapshotFile } from './adapters/snapshot-file.ts';
import { createUpgradeClient } from './adapters/upgrade-client.ts';
import { createUpstreamClient } from './adapters/upstream-client.ts';
import { createVerifyPassword } from './adapters/verify-password.ts';
import { ProxyConfig } from './config.ts';
import { startProxy } from './start-proxy.ts';
import { endpoints, type TestTarget } from './testing/endpoints.ts';
import { ask } from './testing/http-client.ts';
import { startHttpUpstream } from './testing/http-upstream.ts';

/** A machine that is busy with other things makes the bus slow, not wrong. */
async function waitUntil<Value>(condition: () => Value | Promise<Value>): Promise<Exclude<Value, false | null | undefined>> {
  return await pollUntil(condition, { timeoutMs: 60_000 });
}

describe('the proxy on the bus', () => {
  let testBus: TestBus;
  let reconciler: Bus;
  let entries: Bucket<EndpointsEntry>;
  let records: Bucket<ProxyRecord>;
  const heard: CloudEvent[] = [];

  before(async () => {
    testBus = await startTestBus();
    reconciler = await testBus.connect('reconciler');
    entries = reconciler.bucket('endpoints', EndpointsEntry);
    records = reconciler.bucket('proxies', ProxyRecord);
    for (const subject of ['routes.applied', 'target.drained'] as const) reconciler.wake(subject, (event) => heard.push(event));
  });
  after(async () => await testBus.close());

  /** A proxy as main.ts makes it, on a free port. */
  async function start(t: TestContext, instance: string) {
    const bus = await testBus.connect('proxy', { instance });
    const folder = await mkdtemp(join(tmpdir(), 'kedge-proxy-'));
    const log = silentLog();
    const config = readEnvironment(ProxyConfig, {
      KEDGE_HTTP_HOST: '127.0.0.1',
      KEDGE_HTTP_PORT: '0',
      KEDGE_HANDOVER_TIMEOUT: '0s',
      KEDGE_DRAIN_TIMEOUT: '2s',
    });
    const looks: Examine[] = [];
    let passes = 0;
    const states: Record<string, boolean | string> = {};
    const proxy = await startProxy({
      bus,
      log,
      metrics: new Registry(),
      ready: (part, state) => {
        states[part] = state;
      },
      passed: () => {
        passes += 1;
      },
      examine: (look) => void looks.push(look),
      config,
      upstream: createUpstreamClient({ connectTimeoutMs: 1_000, answerTimeoutMs: 0, idleMs: 4_000, connections: 100, queue: 100 }),
      upgrades: createUpgradeClient({ connectTimeoutMs: 1_000, log }),
      certificates: null,
      hashes: { find: async () => await Promise.resolve(new Map()) },
      verify: createVerifyPassword(),
      writeAccess: () => undefined,
      source: createEndpointsSource(bus),
      snapshot: createSnapshotFile({ folder, node: bus.node, log }),
      resolveHost: async () => await Promise.resolve({ problem: 'ENOTFOUND' }),
      portListeners: async () => await Promise.resolve(new Set()),
      sendQueues: async () => await Promise.resolve(new Map()),
      container: null,
    });
    let closed = false;
    const close = async () => {
      if (closed) return;
      closed = true;
      for (const part of proxy.parts.toReversed()) await part.close();
      await bus.close();
      await rm(folder, { recursive: true });
    };
    t.after(close);
    const record = async () => (await records.get(`local.${instance}`))?.value ?? null;
    return { port: () => proxy.port() ?? 0, states, record, close, passes: () => passes, looks };
  }

  /** Writes endpoints as the reconciler does: the entry owes its event, and is paid off in a second write. */
  async function declare(service: string, targets: readonly TestTarget[]): Promise<string> {
    const key = `local.${service}`;
    const previous = await entries.get(key);
    const revision = await entries.globalRevision(previous?.revision ?? 1);
    const owes = [owe('routes.changed', { revision, ready: 0, draining: 0 }, { service, now: new Date() })];
    const written = await writeThenSay({
      bus: reconciler,
      bucket: entries,
      key,
      previous,
      value: { ...endpoints(service, targets), owes },
    });
    assert.ok(written);
    return await entries.globalRevision(written.revision);
  }

  it('serves what the reconciler declares and proves it at the revision as it then stands', async (t) => {
    const upstream = await startHttpUpstream((_request, response) => response.end('hello'));
    t.after(() => upstream.close());
    const proxy = await start(t, 'proving');
    await waitUntil(() => proxy.states.routes === true);
    const revision = await declare('proving', [{ id: 'p1', port: upstream.port }]);
    const record = await waitUntil(async () => {
      const found = await proxy.record();
      return found && hasReached(found.applied.proving, revision) && found;
    });
    assert.equal((await ask({ port: proxy.port(), host: 'proving.test' })).body, 'hello');
    assert.deepEqual([record.goodbye, record.open], [false, {}]);
    const said = (subject: string) => heard.filter((event) => event.type === 'routes.applied.v1' && event.subject === subject).length;
    await waitUntil(() => said('proving') > 0);
    // What it says about a later change comes after all that it has to say about this one.
    await declare('proving-more', []);
    await waitUntil(() => said('proving-more') > 0);
    assert.equal(said('proving'), 1, 'once for one change, although the entry was written twice');
  });

  it('says once a second what the targets of a service did', async (t) => {
    const upstream = await startHttpUpstream((_request, response) => response.writeHead(503).end());
    t.after(() => upstream.close());
    const samples: TrafficSampled[] = [];
    reconciler.wake('traffic.sampled', ({ data }) => void samples.push(data));
    const proxy = await start(t, 'sampling');
    await declare('sampled', [{ id: 's1', port: upstream.port }]);
    const asked = async () => await ask({ port: proxy.port(), host: 'sampled.test' });
    await waitUntil(async () => (await asked()).status === 503);
    const sample = await waitUntil(async () => {
      await asked();
      return samples.find(({ service }) => service === 'sampled');
    });
    assert.deepEqual([sample.instance, sample.targets.s1?.status5xx], ['sampling', sample.targets.s1?.requests]);
    assert.equal(Object.values(sample.releases ?? {})[0]?.classes['5xx'], sample.targets.s1?.requests);
  });

  it('proves that a target drained when its last request ended, and says so once', async (t) => {
    const held: { finish?: () => void } = {};
    const old = await startHttpUpstream((_request, response) => {
      held.finish = () => response.end('old');
    });
    const fresh = await startHttpUpstream((_request, response) => response.end('fresh'));
    t.after(async () => {
      await old.close();
      await fresh.close();
    });
    const proxy = await start(t, 'draining');
    const first = await declare('draining', [{ id: 'old', port: old.port }]);
    await waitUntil(async () => hasReached((await proxy.record())?.applied.draining, first));
    const slow = ask({ port: proxy.port(), host: 'draining.test' });
    await waitUntil(() => held.finish !== undefined);

    const second = await declare('draining', [
      { id: 'fresh', port: fresh.port },
      { id: 'old', port: old.port, state: 'draining' },
    ]);
    const open = await waitUntil(async () => {
      const record = await proxy.record();
      return record && hasReached(record.applied.draining, second) && record.open;
    });
    assert.deepEqual(open, { old: 1 });
    assert.equal((await ask({ port: proxy.port(), host: 'draining.test' })).body, 'fresh');
    const drained = () => heard.filter(({ type, subject }) => type === 'target.drained.v1' && subject === 'draining');
    assert.deepEqual(drained(), []);

    held.finish?.();
    assert.equal((await slow).body, 'old');
    await waitUntil(async () => (await proxy.record())?.open.old === 0);
    await waitUntil(() => drained().length === 1);
    await declare('draining', [{ id: 'fresh', port: fresh.port }]);
    await waitUntil(async () => !('old' in ((await proxy.record())?.open ?? { old: 0 })));
    assert.equal(drained().length, 1);
  });

  it('proves the removal of a service by leaving it out, and still counts its requests', async (t) => {
    const held: { finish?: () => void } = {};
    const upstream = await startHttpUpstream((_request, response) => {
      held.finish = () => response.end('last');
    });
    t.after(() => upstream.close());
    const proxy = await start(t, 'removing');
    const revision = await declare('removing', [{ id: 'r1', port: upstream.port }]);
    await waitUntil(async () => hasReached((await proxy.record())?.applied.removing, revision));
    const slow = ask({ port: proxy.port(), host: 'removing.test' });
    await waitUntil(() => held.finish !== undefined);
    const entry = await entries.get('local.removing');
    assert.ok(entry && (await entries.delete('local.removing', entry.revision)));
    await reconciler.publish('routes.changed', { revision, ready: 0, draining: 0 }, { service: 'removing' });
    const record = await waitUntil(async () => {
      const found = await proxy.record();
      return found && !('removing' in found.applied) && found;
    });
    assert.equal(record.open.r1, 1);
    assert.equal((await ask({ port: proxy.port(), host: 'removing.test' })).status, 404);
    held.finish?.();
    assert.equal((await slow).body, 'last');
    await waitUntil(async () => !('r1' in ((await proxy.record())?.open ?? { r1: 1 })));
  });

  it('tells of its port and of hosts that nobody can find, and when it last looked at everything', async (t) => {
    const proxy = await start(t, 'examined');
    const revision = await declare('examined', [{ id: 'e1', port: 9 }]);
    await waitUntil(async () => hasReached((await proxy.record())?.applied.examined, revision) && proxy.passes() > 0);
    const [look, ...others] = proxy.looks;
    assert.equal(others.length, 0);
    const found = (await look?.()) ?? [];
    assert.equal(found.find(({ what }) => what === 'port')?.message, `listens on ${proxy.port()}`);
    assert.equal(found.find(({ what }) => what === 'host examined.test')?.state, 'warning');
  });

  it('follows the settings of the node', async (t) => {
    const proxy = await start(t, 'settings');
    await waitUntil(() => proxy.port() > 0 && proxy.states.routes === true);
    const settings = reconciler.bucket('endpoints', ProxySettingsEntry);
    const key = proxySettingsKey(reconciler.node);
    const created = await settings.create(key, { node: reconciler.node, settings: { enabled: false } });
    assert.ok(created);
    await declare('settings', []);
    await waitUntil(() => proxy.port() === 0);
    assert.ok(await settings.update(key, { node: reconciler.node, settings: { enabled: true, strategy: 'http-only' } }, created));
    await declare('settings', [{ id: 's1', port: 9 }]);
    await waitUntil(() => proxy.port() > 0);
  });

  it('says goodbye after its requests ended', async (t) => {
    const held: { finish?: () => void } = {};
    const upstream = await startHttpUpstream((_request, response) => {
      held.finish = () => response.end('bye');
    });
    t.after(() => upstream.close());
    const proxy = await start(t, 'leaving');
    const revision = await declare('leaving', [{ id: 'l1', port: upstream.port }]);
    await waitUntil(async () => hasReached((await proxy.record())?.applied.leaving, revision));
    const slow = ask({ port: proxy.port(), host: 'leaving.test' });
    await waitUntil(() => held.finish !== undefined);
    const closing = proxy.close();
    held.finish?.();
    assert.equal((await slow).body, 'bye');
    await closing;
    await waitUntil(async () => (await proxy.record())?.goodbye);
  });

  it('says what an earlier life still owed, goes on counting its beats, and writes again after somebody else did', async (t) => {
    const now = new Date();
    const at = now.toISOString();
    const earlier: ProxyRecord = ProxyRecord.parse({
      node: 'local',
      instance: 'reborn',
      container: null,
      startedAt: at,
      heartbeatAt: at,
      beats: 41,
      goodbye: false,
      applied: {},
      open: {},
    });
    const dying = await testBus.connect('proxy', { instance: 'reborn' });
    const owes = [
      owe(
        'target.drained',
        { instance: 'reborn', service: endpoints('ghost', []).service, target: 'g1', revision: 'e.1' },
        { service: 'ghost', now },
      ),
    ];
    const own = dying.bucket('proxies', ProxyRecord);
    assert.ok(await own.create('local.reborn', { ...earlier, owes }));
    const proxy = await start(t, 'reborn');
    await waitUntil(() => heard.some(({ subject }) => subject === 'ghost'));
    const record = await waitUntil(async () => {
      const found = await proxy.record();
      return found && found.startedAt !== at && found;
    });
    assert.ok(record.beats > 41);
    // It may owe events of its own life for a moment; none of the earlier one.
    assert.ok(!record.owes?.some(({ service }) => service === 'ghost'));

    await waitUntil(async () => {
      const entry = await own.get('local.reborn');
      return entry && (await own.update('local.reborn', earlier, entry.revision)); // unless its heartbeat came in between
    });
    await declare('reborn', [{ id: 'b1', port: 9 }]);
    await waitUntil(async () => 'reborn' in ((await proxy.record())?.applied ?? {}));
  });

  it('removes the records of proxies that are long gone', async (t) => {
    const gone = await testBus.connect('proxy', { instance: 'gone' });
    const at = '2020-01-01T00:00:00.000Z';
    const record = ProxyRecord.parse({
      node: 'local',
      instance: 'gone',
      container: null,
      startedAt: at,
      heartbeatAt: at,
      beats: 1,
      goodbye: true,
      applied: {},
      open: {},
    });
    assert.ok(await gone.bucket('proxies', ProxyRecord).create('local.gone', record));
    await start(t, 'pruning');
    await waitUntil(async () => (await records.get('local.gone')) === null);
  });
});
