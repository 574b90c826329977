import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { LeaseEntry, ProxyRecord, placeKey } from '@kedge/shared/contracts';
import type { Closable } from '@kedge/shared/kernel';
import { silentLog, waitUntil } from '@kedge/shared/testing';
import Docker from 'dockerode';
import { createComposeProject } from './adapters/compose-project.ts';
import { createDockerEngine } from './adapters/docker-engine.ts';
import { createSystemClock } from './adapters/system-clock.ts';
import { handOnPort } from './hand-on-port.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { node } from './testing/simulated-proxies.ts';

interface Labelled {
  readonly project?: string;
  readonly service?: string;
  readonly replace?: boolean;
  readonly number?: string;
}

describe('a proxy that Compose replaces', () => {
  const run = randomBytes(4).toString('hex');
  const docker = new Docker({ socketPath: '/var/run/docker.sock' });
  const engine = createDockerEngine({ log: silentLog() });
  const clock = createSystemClock();
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const listeners: Closable[] = [];

  async function create({ project = `kedge-${run}`, service = 'proxy', replace = false, number = '1' }: Labelled = {}): Promise<string> {
    const { id } = await docker.createContainer({
      Image: 'node:26-trixie-slim',
      Entrypoint: ['sleep', '300'],
      HostConfig: { NetworkMode: 'none', Init: true },
      Labels: {
        'kedge.test': run,
        'com.docker.compose.project': project,
        'com.docker.compose.service': service,
        'com.docker.compose.container-number': number,
        ...(replace ? { 'com.docker.compose.replace': `${service}-1` } : {}),
      },
    });
    return id;
  }

  /** What a proxy is told of its place. */
  const toldTo = async (id: string) => (await bus.bucket('leases', LeaseEntry).get(placeKey(node, id)))?.value.holder;
  const stateOf = async (id: string) => (await engine.inspect(id))?.state;

  /** Runs a container, then asks it to end while another waits for its place; resolves to the ids of both. */
  async function replace(labelled: Labelled, options: { readonly recorded?: boolean } = {}): Promise<{ old: string; fresh: string }> {
    const old = await create(labelled);
    await engine.start(old);
    if (options.recorded) {
      const at = clock.now().toISOString();
      const record = {
        node,
        instance: run,
        container: old,
        startedAt: at,
        heartbeatAt: at,
        beats: 1,
        goodbye: false,
        applied: {},
        open: {},
      };
      await bus.bucket('proxies', ProxyRecord).create(`${node}.${run}`, record);
    }
    const fresh = await create({ ...labelled, replace: true });
    await engine.stop(old, 5_000);
    return { old, fresh };
  }

  before(async () => {
    const own = await create({ service: 'reconciler' });
    const project = createComposeProject({ own });
    const heard = Promise.withResolvers<void>();
    const follow: typeof engine.follow = ({ onEvent, onResync }) =>
      engine.follow({
        onEvent,
        onResync() {
          onResync();
          heard.resolve();
        },
      });
    listeners.push(handOnPort({ bus, engine: { follow, start: engine.start, inspect: engine.inspect }, project, clock, log: silentLog() }));
    await heard.promise;
  });
  after(async () => {
    for (const listener of listeners) await listener.close();
    const made = await docker.listContainers({ all: true, filters: { label: [`kedge.test=${run}`] } });
    await Promise.all(made.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
  });

  it('hands on to the new one, and nobody else does', async () => {
    const foreign = await replace({ project: `other-${run}` });
    const watcher = await replace({ service: 'watcher' });
    const proxy = await replace({});
    await waitUntil(async () => (await stateOf(proxy.fresh)) === 'running');
    assert.deepEqual([await stateOf(foreign.fresh), await stateOf(watcher.fresh)], ['created', 'created']);
    assert.equal(await toldTo(proxy.old), proxy.fresh, 'the old one knows whom it waits for');
    assert.deepEqual([await toldTo(foreign.old), await toldTo(watcher.old)], [undefined, undefined]);
  });

  it('is told that nobody comes, when it is only stopped', async () => {
    const alone = await create({ service: 'proxy', number: '7' });
    await engine.start(alone);
    await engine.stop(alone, 5_000);
    await waitUntil(async () => (await toldTo(alone)) === 'nobody');
  });

  it('is known by its record, whatever the project calls it', async () => {
    const { fresh } = await replace({ service: 'edge' }, { recorded: true });
    await waitUntil(async () => (await stateOf(fresh)) === 'running');
  });

  it('is of no interest to a process outside of any project', async () => {
    assert.equal(await createComposeProject({ own: null }).containers(), null);
    const { id } = await docker.createContainer({ Image: 'node:26-trixie-slim', Labels: { 'kedge.test': run } });
    assert.equal(await createComposeProject({ own: id }).containers(), null);
  });
});
