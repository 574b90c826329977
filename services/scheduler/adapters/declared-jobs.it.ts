import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Bus } from '@kedge/shared/bus';
import { ConfigManifest, manifestKey, ServiceEntry, ServiceName, ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { startTestBus, type TestBus } from '@kedge/shared/testing';
import type { DeclaredJobs } from '../ports.ts';
import { createDeclaredJobs } from './declared-jobs.ts';

const names = { job: 'a.job', page: 'page', rewritten: 'rewritten', unnamed: 'unnamed', absent: 'absent' };
const [job, page, rewritten, unnamed, absent] = Object.values(names).map((name) => ServiceName.parse(name)) as [
  ServiceName,
  ServiceName,
  ServiceName,
  ServiceName,
  ServiceName,
];

describe('the declared jobs', () => {
  let testBus: TestBus;
  let watcher: Bus;
  let jobs: DeclaredJobs;

  before(async () => {
    testBus = await startTestBus();
    watcher = await testBus.connect('watcher');
    jobs = createDeclaredJobs(await testBus.connect('scheduler'));
  });
  after(async () => await testBus?.close());

  async function store(service: ServiceName, { hash, cron }: { readonly hash: string; readonly cron?: string }): Promise<void> {
    const spec = ServiceSpec.parse({ service: { name: service, image: 'app:1' }, dispenser: { watch: false, ...(cron ? { cron } : {}) } });
    const value = { node: watcher.node, spec, hash, path: service };
    assert.ok(await watcher.bucket('services', ServiceEntry).create(serviceKey(watcher.node, service), value));
  }

  it('are unknown before there is a configuration, whatever specs there are', async () => {
    await store(job, { hash: 'h1', cron: '@daily' });
    assert.deepEqual(await jobs.read(job), { kind: 'unknown' });
    assert.deepEqual(await jobs.services(), []);
  });

  it('are the specs with a cron expression that the manifest names, in the version that it names', async () => {
    await store(page, { hash: 'h2' });
    await store(rewritten, { hash: 'new', cron: '@daily' });
    await store(unnamed, { hash: 'h4', cron: '@daily' });
    const services = { [job]: 'h1', [page]: 'h2', [rewritten]: 'old', [absent]: 'h5' };
    const manifest = { node: watcher.node, revision: 'r', entry: 'kedge.toml', services, delay: 60 };
    assert.ok(await watcher.bucket('services', ConfigManifest).create(manifestKey(watcher.node), manifest));

    assert.deepEqual(await jobs.read(job), { kind: 'job', cron: '@daily' });
    assert.deepEqual(await jobs.read(page), { kind: 'none' });
    assert.deepEqual(await jobs.read(rewritten), { kind: 'unknown' });
    assert.deepEqual(await jobs.read(unnamed), { kind: 'none' });
    assert.deepEqual(await jobs.read(absent), { kind: 'unknown' });
    assert.deepEqual(await jobs.read(ServiceName.parse('constructor')), { kind: 'none' });
    assert.deepEqual(new Set(await jobs.services()), new Set([job, rewritten, absent]));
  });
});
