import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigManifest, ImageReference, imageKey, manifestKey, ServiceName, StatusReply, serviceKey, Ulid } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { createStatusAnswerer } from './answer-status.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, declared, releaseOf, rolloutTo, target } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { recordOf, worldNow } from './testing/world.ts';

const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
const ago = new Date(worldNow - 600_000).toISOString();
const db = ServiceName.parse('db');

async function stage() {
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  for (const service of [web, db]) {
    const spec = declared({ service: { name: service } });
    await put(stores.services, serviceKey(node, service), { node, spec, hash: service, path: service });
  }
  const services = { web: 'web', db: 'db' };
  await put(stores.manifests, manifestKey(node), ConfigManifest.parse({ node, revision: 'r', entry: 'kedge.toml', services, delay: 2 }));
  const waiting = { code: 'DEPENDENCY_FAILED', message: 'it waits for db', since: ago, retryAt: ago, failures: 9 };
  await put(stores.releases, serviceKey(node, web), recordOf({ waiting }).value);
  const ask = async (given: Partial<Parameters<typeof createStatusAnswerer>[0]> = {}, service?: ServiceName) => {
    const parts = {
      bus,
      stores,
      engine,
      clock,
      nodeState: { down: async () => null },
      handOvers: { find: async () => null },
      networks: { kept: async () => [] },
    };
    const proxies = { states: async () => [], prove: async () => null };
    const reply = await createStatusAnswerer({ ...parts, proxies, ...given })(service === undefined ? {} : { service });
    return StatusReply.parse(reply);
  };
  return { ask, engine, stores };
}

describe('the status', () => {
  it('tells every declared service, or the one that was asked for', async () => {
    const { ask } = await stage();
    assert.deepEqual(
      (await ask()).services.map(({ service }) => service),
      ['db', 'web'],
    );
    assert.deepEqual(
      (await ask({}, web)).services.map(({ service }) => service),
      ['web'],
    );
  });

  it('tells of a service that leaves, or gives routes up, only those that nobody has taken over', async () => {
    const { ask, engine, stores } = await stage();
    const old = ServiceName.parse('old');
    const spec = declared({ service: { name: 'web' }, proxy: { host: 'a.test', service_port: 80 } });
    await put(stores.services, serviceKey(node, web), { node, spec, hash: 'web', path: 'web' });
    const taken = { host: 'a.test', path: '/' };
    const kept = { host: 'b.test', path: '/' };
    await put(stores.endpoints, serviceKey(node, web), { node, service: web, routes: [taken], targets: [target('c1')] });
    await put(stores.endpoints, serviceKey(node, old), { node, service: old, routes: [taken, kept], targets: [target('c2')] });
    const db = ServiceName.parse('db');
    const without = declared({ service: { name: 'db' }, proxy: { host: 'c.test', service_port: 80 } });
    await put(stores.services, serviceKey(node, db), { node, spec: without, hash: 'db', path: 'db' });
    const routes = [taken, { host: 'c.test', path: '/' }];
    await put(stores.endpoints, serviceKey(node, db), { node, service: db, routes, targets: [target('c3')] });
    const list = async () => [container({ id: 'c2', name: 'old', kedge: { service: old, node } })];
    const { services } = await ask({ engine: { ...engine, list } });
    assert.deepEqual(
      services.map(({ service, routes }) => [service, routes]),
      [
        ['db', ['c.test/']],
        ['old', ['b.test/']],
        ['web', ['a.test/']],
      ],
    );
  });

  it('never tells a next try that has passed', async () => {
    const [row] = (await (await stage()).ask({}, web)).services;
    assert.ok(Date.parse(row?.waiting?.retryAt ?? '') >= worldNow);
  });

  it('is told without an engine too', async () => {
    const { ask, engine } = await stage();
    const list = async () => await Promise.reject(new RetryableError('ENGINE_UNREACHABLE', 'no engine'));
    const reply = await ask({ engine: { ...engine, list } });
    assert.deepEqual([reply.engine, reply.services.length, reply.proxies], [{ reachable: false, message: 'no engine' }, 2, []]);
  });

  it('names containers of strangers under the name of a service', async () => {
    const { ask, engine } = await stage();
    engine.addForeign('web');
    engine.addForeign('other');
    assert.deepEqual(
      (await ask()).foreign.map(({ service }) => service),
      ['web'],
    );
  });

  it('says what the container of a rollout is waited for, whether the engine can tell its ports or not', async () => {
    const { ask, engine, stores } = await stage();
    const rollout = { ...rolloutTo('v2'), strategy: 'start-first' as const };
    await put(stores.releases, serviceKey(node, web), recordOf({ rollout }).value);
    const startedAt = new Date(worldNow);
    const list = async () => [container({ name: 'web.2.0', startedAt, kedge: { node, release: rollout.release } })];
    const image = async () => ({ id: digestOf('v2'), repoDigests: [], exposed: [8080], hasHealthcheck: false });
    const away = async () => await Promise.reject(new RetryableError('ENGINE_UNREACHABLE', 'no engine'));
    const reasonOf = async (ports: Partial<typeof engine>) =>
      (await ask({ engine: { ...engine, list, ...ports } }, web)).services[0]?.reason;
    assert.match(
      (await reasonOf({ image })) ?? '',
      /config-changed, starting: waits up to 30 s \(until 01:00:30Z\) for port 8080, which its image exposes/,
    );
    assert.match((await reasonOf({ image: away })) ?? '', /config-changed, begin$/);
  });

  it('tells of networks that stay otherwise than declared, as far as the engine answers', async () => {
    const { ask } = await stage();
    const kept = [{ name: 'back', code: 'NETWORK_IN_USE', message: 'x is on network back' }];
    assert.deepEqual((await ask({ networks: { kept: async () => kept } })).networks, kept);
    const away = async () => await Promise.reject(new RetryableError('ENGINE_UNREACHABLE', 'no engine'));
    assert.equal((await ask({ networks: { kept: away } })).networks, undefined);
  });

  it('says that what serves is not the declared image, unless the engine has that one, or cannot be asked', async () => {
    const { ask, engine, stores } = await stage();
    const spec = declared({ service: { name: web, image: 'app:typo' } });
    await put(stores.services, serviceKey(node, web), { node, spec, hash: 'web', path: web });
    const serving = { release: releaseOf('v1'), image: 'app:latest', digest: digestOf('v1'), source: 'registry' as const, since: ago };
    await put(
      stores.releases,
      serviceKey(node, web),
      recordOf({ serving: { ...serving, rollout: Ulid.parse('01JZ0000000000000000000000') } }).value,
    );
    const reference = ImageReference.parse('app:typo');
    await put(stores.images, imageKey(reference), { reference, accepted: null, state: 'absent' });
    const reasonOf = async (image: typeof engine.image) => (await ask({ engine: { ...engine, image } }, web)).services[0]?.reason;

    assert.match((await reasonOf(async () => null)) ?? '', /not what is declared: the registry has no image app:typo/);
    const built = { id: digestOf('local'), repoDigests: [], exposed: [], hasHealthcheck: false };
    const away = async () => await Promise.reject(new RetryableError('ENGINE_UNREACHABLE', 'no engine'));
    for (const image of [async () => built, away]) assert.doesNotMatch((await reasonOf(image)) ?? 'what is declared', /what is declared/);
  });

  it('tells of the registry only where something is expected of it: an image that is not watched and that the engine has is none of that', async () => {
    const reference = ImageReference.parse('app:local');
    const serving = { release: releaseOf('v1'), image: 'app:local', digest: digestOf('v1'), source: 'local' as const, since: ago };
    const trouble = { code: 'REGISTRY_DENIED', message: 'it wants a login', since: ago };
    const served = { serving: { ...serving, rollout: Ulid.parse('01JZ0000000000000000000000') } };
    const built = { id: digestOf('local'), repoDigests: [], exposed: [], hasHealthcheck: false };
    const away = async () => await Promise.reject(new RetryableError('ENGINE_UNREACHABLE', 'no engine'));
    const onTrigger = { cron: '* * * * *', initialize: 'on-trigger' };
    /** What the watcher writes of an image of which nothing is expected, and of one of which something is; and the code that is told of it. */
    const [unexpected, expected] = [
      [
        ['absent', 'REGISTRY_DENIED', 'IMAGE_ABSENT'],
        ['unreachable', 'REGISTRY_UNREACHABLE', 'REGISTRY_UNREACHABLE'],
      ],
      [
        ['unreachable', 'REGISTRY_DENIED', 'REGISTRY_DENIED'],
        ['absent', 'REGISTRY_DENIED', 'IMAGE_ABSENT'],
      ],
    ] as const;
    const elsewhere = { serving: { ...served.serving, source: 'registry' as const } };
    const table = [
      ['it serves', { watch: false }, served, async () => built, unexpected, false],
      ['it serves, whatever the engine says', { watch: false }, served, away, unexpected, false],
      ['it serves, and came from a registry', { watch: false }, elsewhere, away, unexpected, false],
      ['it never ran, and the engine has it', { watch: false, ...onTrigger }, {}, async () => built, unexpected, false],
      ['it never ran, and the engine does not have it', { watch: false, ...onTrigger }, {}, async () => null, unexpected, true],
      ['it never ran, and the engine is away', { watch: false, ...onTrigger }, {}, away, unexpected, true],
      ['each run wants the newest', { watch: false, pull: 'always' }, elsewhere, async () => built, expected, true],
      ['it is watched', { watch: true }, elsewhere, async () => built, expected, true],
    ] as const;
    for (const [title, dispenser, record, image, written, isTold] of table)
      for (const [state, code, told] of written) {
        const { ask, engine, stores } = await stage();
        const spec = declared({ service: { name: web, image: reference }, dispenser });
        await put(stores.services, serviceKey(node, web), { node, spec, hash: 'web', path: web });
        await put(stores.releases, serviceKey(node, web), recordOf(record).value);
        await put(stores.images, imageKey(reference), { reference, accepted: null, state, trouble: { ...trouble, code } });
        const [row] = (await ask({ engine: { ...engine, image } }, web)).services;
        assert.equal(row?.registry?.code, isTold ? told : undefined, `${title}: ${state}`);
      }
  });

  it('tells which doors the configuration opens, and how the newest one stands', async () => {
    const { ask, stores } = await stage();
    assert.deepEqual((await ask()).doors, { enabled: true, strategy: 'https-only' });
    assert.deepEqual((await ask()).config, { revision: 'r', problem: null, state: 'in-force' });
    const before = await stores.manifests.get(manifestKey(node));
    assert.ok(before);
    await put(stores.manifests, manifestKey(node), { ...before.value, proxy: { enabled: false, strategy: 'both' } });
    assert.deepEqual((await ask()).doors, { enabled: false, strategy: 'both' });
  });

  it('says that everything is down', async () => {
    const { ask } = await stage();
    const reply = await ask({ nodeState: { down: async () => ({ since: ago }) } });
    assert.deepEqual([reply.down?.since, reply.services.map(({ phase }) => phase)], [ago, ['stopped', 'stopped']]);
  });
});
