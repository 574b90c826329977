import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigManifest, ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import type { Step } from './core/step.ts';
import { createMoveFinder } from './find-moves.ts';
import { createPortGuard } from './guard-ports.ts';
import type { HostPorts, ObservedContainer, PublishedPort } from './ports.ts';
import { createDeclaredReader } from './read-declared.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, declared, rolloutTo, service } from './testing/observed.ts';
import { node, put } from './testing/simulated-proxies.ts';

const clock = { now: () => new Date(100_000), monotonicMs: () => 0 };
const shop = ServiceName.parse('xshop');
const spec = declared({ port: [{ host: 8080, container: 80 }] });
const manifest: ConfigManifest = { node, revision: 'r', entry: 'kedge.toml', services: { web: 'w', xshop: 's' }, delay: 10 };
const create: Step = { kind: 'create', slot: 0, name: 'web' };
const start: Step = { kind: 'start', id: 'c1' };
const stop: Step = { kind: 'stop', id: 'c0', reason: '', makesRoom: true };

const hold: Step = { kind: 'route', table: { routes: [], targets: [], hold: true }, reason: '', makesRoom: true };
const rollout = rolloutTo('v2');

interface Situation {
  readonly state?: Awaited<ReturnType<HostPorts['check']>>;
  readonly published?: readonly PublishedPort[];
  /** The port that the other service declares. */
  readonly shopWants?: number;
  /** Containers of the node. */
  readonly all?: readonly ObservedContainer[];
  readonly own?: readonly ObservedContainer[];
  /** The other service has a rollout under way. */
  readonly isRolling?: boolean;
  /** The port that proxies take for web. */
  readonly proxied?: number;
  /** What is to be made. */
  readonly of?: ServiceSpec;
  /** What web declares, where that is something else. */
  readonly now?: ServiceSpec;
}

/** Asks the guard about web, beside a shop. */
async function ask(
  steps: readonly Step[],
  { state = 'taken', published = [], shopWants = 9_090, all = [], own = [], isRolling = true, proxied, of = spec, now = of }: Situation,
) {
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  const shopSpec = declared({ service: { name: shop }, port: [{ host: shopWants, container: 80 }] });
  await put(stores.services, serviceKey(node, service), { node, spec: now, hash: 'w', path: 'web' });
  await put(stores.services, serviceKey(node, shop), { node, spec: shopSpec, hash: 's', path: 'shop' });
  await put(stores.releases, serviceKey(node, shop), { node, service: shop, serving: null, rollout: isRolling ? rollout : null });
  const asked: string[] = [];
  const engine = {
    async published() {
      asked.push('engine');
      return published;
    },
    list: async () => all,
    writable: async () => [],
  };
  const specs = createDeclaredReader({ bus, stores });
  const findDependencies = async () => [];
  const moves = createMoveFinder({ findDependencies, bus, stores, engine, declared: specs, configFolder: async () => '/config' });
  const guard = createPortGuard({ bus, engine, declared: specs, moves, hostPorts: { check: async () => state } });
  const ports = proxied === undefined ? [] : [{ host: proxied, container: 80, idle_ms: 1 }];
  const endpoints = {
    value: { node, service, routes: [], ports, targets: [] },
    revision: 1,
    key: serviceKey(node, service),
    writtenAt: clock.now(),
  };
  await guard({ service, manifest, containers: own, record: null, endpoints, now: clock.now().getTime() }, { spec: of, steps });
  return asked;
}

const held = (owner: string | null, host: number, id = `${owner}-1`): PublishedPort => ({
  container: id,
  name: id,
  owner: owner === null ? null : { node, service: owner },
  host,
  protocol: 'tcp',
  hostIp: '0.0.0.0',
});

describe('the guard of ports', () => {
  it('lets a service publish what proxies take for it until then, and nothing else that is taken', async () => {
    await ask([start], { state: 'taken', proxied: 8080 });
    await assert.rejects(ask([start], { state: 'taken', proxied: 8081 }), { code: 'PORT_TAKEN' });
  });

  it('asks nobody about a service that publishes nothing', async () => {
    assert.deepEqual(await ask([start], { of: declared() }), []);
  });

  it('lets a start go on where nobody can tell: the engine decides', async () => {
    await ask([start], { state: 'unknown' });
  });

  it('refuses a start for a port that another program has, as an obstacle that is tried again', async () => {
    await assert.rejects(ask([start], {}), { name: 'RetryableError', code: 'PORT_TAKEN' });
  });

  it('lets a start go on when the service itself has the port', async () => {
    await ask([start], { published: [held('web', 8080, 'c1')], own: [container({ id: 'c1' })] });
  });

  const moving = { published: [held(shop, 8080), held('web', 9_090, 'c0')], own: [container({ id: 'c0' })] };
  const prepared = [container({ id: 'n1', state: 'created', kedge: { node, service: shop, release: rollout.release } })];

  it('refuses all for the port of a service that keeps it', async () => {
    for (const step of [create, stop, start]) {
      await assert.rejects(ask([step], { ...moving, shopWants: 8080 }), { code: 'PORT_TAKEN' }, step.kind);
    }
  });

  it('refuses all, as an obstacle, for the port of a service that should move and does not', async () => {
    for (const step of [create, hold, stop, start]) {
      await assert.rejects(ask([step], { ...moving, all: prepared, isRolling: false }), { code: 'PORT_MOVING' }, step.kind);
    }
  });

  it('lets containers be made for a port that moves, and nothing be held or stopped for it', async () => {
    const chain = { published: [held(shop, 8080)], shopWants: 7_000, all: prepared, own: [container()] };
    await ask([create], chain);
    for (const step of [hold, stop, start]) await assert.rejects(ask([step], chain), { code: 'PORT_COMING' }, step.kind);
  });

  it('lets the first of an exchange stop when the others are prepared', async () => {
    for (const step of [hold, stop]) {
      await assert.rejects(ask([step], moving), { code: 'PORT_COMING' }, step.kind);
      await ask([step], { ...moving, all: prepared });
    }
    await assert.rejects(ask([start], { ...moving, all: prepared }), { code: 'PORT_COMING' }, 'its port is not free yet');
  });

  it('lets it wait for the others a moment, and then take back what it had', async () => {
    const ended = (ms: number) => [container({ id: 'c0', state: 'exited', finishedAt: new Date(ms) })];
    const published = [held(shop, 8080)];
    await assert.rejects(ask([start], { published, own: ended(99_000) }), { code: 'PORT_COMING' });
    await assert.rejects(ask([start], { published, own: ended(10_000) }), { code: 'PORT_MOVING' });
  });

  it('minds the ports of an old release that comes back, not those that are declared', async () => {
    const declaredNow = declared({ port: [{ host: 9_999, container: 80 }] });
    await assert.rejects(ask([start], { published: [held(shop, 8080)], all: prepared, now: declaredNow }), { code: 'PORT_COMING' });
  });
});
