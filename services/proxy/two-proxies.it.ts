import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Bucket, Bus } from '@kedge/shared/bus';
import { EndpointsEntry, hasReached, ProxyRecord } from '@kedge/shared/contracts';
import { startTestBus, type TestBus, waitUntil } from '@kedge/shared/testing';
import { endpoints } from './testing/endpoints.ts';
import { type FreshLoad, freshLoad, mayBeReset } from './testing/fresh-load.ts';
import { type HttpUpstream, startHttpUpstream } from './testing/http-upstream.ts';
import { type ProxyProcess, startProcess } from './testing/start-process.ts';

const clients = 4;
const patient = { timeoutMs: 60_000 };

describe('two proxies on one port', () => {
  let testBus: TestBus;
  let reconciler: Bus;
  let records: Bucket<ProxyRecord>;
  let entries: Bucket<EndpointsEntry>;
  let upstream: HttpUpstream;
  let folder: string;
  let resettable: number;

  before(async () => {
    testBus = await startTestBus();
    resettable = await mayBeReset(clients);
    reconciler = await testBus.connect('reconciler');
    records = reconciler.bucket('proxies', ProxyRecord);
    entries = reconciler.bucket('endpoints', EndpointsEntry);
    upstream = await startHttpUpstream((_request, response) => response.end('hello'));
    folder = await mkdtemp(join(tmpdir(), 'kedge-proxy-'));
    await entries.create('local.web', endpoints('web', [{ id: 'c1', port: upstream.port }]));
  });
  after(async () => {
    await upstream.close();
    await testBus.close();
    await rm(folder, { recursive: true });
  });

  const record = async (instance: string) => (await records.get(`local.${instance}`))?.value;

  /** One that serves `web`; its folder is shared with the others, as the volume of the stack is. */
  async function start(t: TestContext, instance: string, port = 0): Promise<ProxyProcess> {
    const proxy = await startProcess({
      KEDGE_BUS_URL: testBus.url,
      KEDGE_KEYS: testBus.keysFolder('proxy'),
      KEDGE_STATE_DIR: folder,
      KEDGE_INSTANCE: instance,
      KEDGE_HTTP_PORT: String(port),
      // Only somebody who goes on ends the wait.
      KEDGE_HANDOVER_TIMEOUT: '120s',
      KEDGE_DRAIN_TIMEOUT: '120s',
    });
    t.after(async () => await proxy.end('SIGKILL'));
    await waitUntil(async () => 'web' in ((await record(instance))?.applied ?? {}), patient);
    return proxy;
  }

  /** Nobody was refused or cut off; without the kernel's help some may have been reset on their way in. */
  function assertNobodyNoticed({ lost }: Awaited<ReturnType<FreshLoad['stop']>>): void {
    const unexpected = lost.filter(({ reason, begun }) => begun || reason !== 'ECONNRESET');
    assert.deepEqual(unexpected, []);
    assert.ok(lost.length <= resettable, JSON.stringify(lost));
  }

  it('both hold the table, and prove each change of it', async (t) => {
    const first = await start(t, 'both-one');
    await start(t, 'both-two', first.port);
    const current = await entries.get('local.web');
    assert.ok(current);
    const written = await entries.update('local.web', endpoints('web', [{ id: 'c2', port: upstream.port }]), current.revision);
    assert.ok(written);
    const revision = await entries.globalRevision(written);
    await reconciler.publish('routes.changed', { revision, ready: 1, draining: 0 }, { service: 'web' });
    for (const instance of ['both-one', 'both-two'])
      await waitUntil(async () => hasReached((await record(instance))?.applied.web, revision), patient);
  });

  it('one asked to end goes at once, and nobody notices', async (t) => {
    const staying = await start(t, 'stays');
    const leaving = await start(t, 'leaves', staying.port);
    const other = await testBus.connect('proxy', { instance: 'hears' });
    t.after(async () => await other.close());
    const asked: string[] = [];
    other.wake('handover.requested', ({ data }) => asked.push(data.instance));
    const load = freshLoad(staying.port, clients);
    await waitUntil(() => load.answered() > 50, patient);
    assert.equal(await leaving.end('SIGTERM'), 0);
    assertNobodyNoticed(await load.stop());
    const { leaving: left, goodbye } = (await record('leaves')) ?? {};
    assert.deepEqual([left, goodbye], [true, true]);
    assert.deepEqual(asked, ['leaves'], 'whoever lives was asked to write its record now');
  });

  it('one asked to end while it is alone serves until the next one does', async (t) => {
    const leaving = await start(t, 'alone');
    const load = freshLoad(leaving.port, clients);
    await waitUntil(() => load.answered() > 50, patient);
    const ended = leaving.end('SIGTERM');
    const next = await start(t, 'next', leaving.port);
    assert.equal(await ended, 0);
    assertNobodyNoticed(await load.stop());
    assert.equal(next.port, leaving.port);
  });

  it('and without the bus until another one came to listen', async (t) => {
    const away = { KEDGE_BUS_URL: 'nats://127.0.0.1:9', KEDGE_KEYS: testBus.keysFolder('proxy'), KEDGE_STATE_DIR: folder };
    const settings = { ...away, KEDGE_HANDOVER_TIMEOUT: '120s', KEDGE_DRAIN_TIMEOUT: '120s' };
    const leaving = await startProcess({ ...settings, KEDGE_INSTANCE: 'bus-away' });
    t.after(async () => await leaving.end('SIGKILL'));
    const load = freshLoad(leaving.port, clients);
    await waitUntil(() => load.answered() > 50, patient);
    const ended = leaving.end('SIGTERM');
    const next = await startProcess({ ...settings, KEDGE_INSTANCE: 'bus-away-too', KEDGE_HTTP_PORT: String(leaving.port) });
    t.after(async () => await next.end('SIGKILL'));
    assert.equal(await ended, 0);
    assertNobodyNoticed(await load.stop());
  });

  it('one that dies loses its own requests, and the other answers from then on', async (t) => {
    const staying = await start(t, 'survivor');
    const dying = await start(t, 'victim', staying.port);
    const load = freshLoad(staying.port, clients);
    await waitUntil(() => load.answered() > 50, patient);
    await dying.end('SIGKILL');
    const diedAt = performance.now();
    const before = load.answered();
    await waitUntil(() => load.answered() > before + 200, patient);
    const { lost } = await load.stop();
    assert.deepEqual(
      lost.filter(({ at }) => at > diedAt + 1_000),
      [],
    );
  });
});
