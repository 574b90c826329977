import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ConfigManifest, type ReleaseRecord, ServiceName, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import type { Step } from './core/step.ts';
import { createMoveFinder } from './find-moves.ts';
import { createVolumeGuard } from './guard-volumes.ts';
import type { ObservedContainer, WritableMount } from './ports.ts';
import { createDeclaredReader } from './read-declared.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, declared, rolloutTo, service } from './testing/observed.ts';
import { node, put } from './testing/simulated-proxies.ts';
import { recordOf, worldNow, worldOf } from './testing/world.ts';

const clock = { now: () => new Date(worldNow), monotonicMs: () => 0 };
const shop = ServiceName.parse('xshop');
const manifest: ConfigManifest = { node, revision: 'r', entry: 'kedge.toml', services: { web: 'w', xshop: 's' }, delay: 10 };
const on = (source: string, changes: Record<string, unknown> = {}) => declared({ volume: [{ source, target: '/data' }], ...changes });
const create: Step = { kind: 'create', slot: 0, name: 'web' };
const start: Step = { kind: 'start', id: 'c1' };
const stop: Step = { kind: 'stop', id: 'c0', reason: '', makesRoom: true };
const rollout = rolloutTo('v2');

interface Situation {
  readonly held?: readonly WritableMount[];
  /** What web has under way. */
  readonly rollout?: ReleaseRecord['rollout'];
  readonly own?: readonly ObservedContainer[];
  /** What the other service declares; it is declared no more where that is missing. */
  readonly shopSpec?: ServiceSpec;
  /** Its declaration is not the one that the manifest names. */
  readonly isBeingWritten?: boolean;
  /** The other service has a rollout under way. */
  readonly isRolling?: boolean;
  /** Containers of the node. */
  readonly all?: readonly ObservedContainer[];
}

/** Asks the guard about web, beside a shop. Resolves to how often the engine was asked who writes where. */
async function ask(spec: ServiceSpec, steps: readonly Step[], situation: Situation = {}): Promise<number> {
  const { held = [], own = [], shopSpec, isBeingWritten = false, isRolling = true, all = [] } = situation;
  let questions = 0;
  const engine = {
    async writable() {
      questions += 1;
      return held;
    },
    published: async () => [],
    list: async () => all,
    unseen: async (paths: readonly string[]) => paths.filter((path) => path === '/missing'),
  };
  const bus = createMemoryBus({ store: createMemoryStore(), node, clock });
  const stores = openStores(bus);
  await put(stores.services, serviceKey(node, service), { node, spec, hash: 'w', path: 'web' });
  if (shopSpec)
    await put(stores.services, serviceKey(node, shop), { node, spec: shopSpec, hash: isBeingWritten ? 'old' : 's', path: 'shop' });
  await put(stores.releases, serviceKey(node, shop), { node, service: shop, serving: null, rollout: isRolling ? rollout : null });
  const configFolder = async () => '/config';
  const findDependencies = async () => [];
  const moves = createMoveFinder({ findDependencies, bus, stores, engine, declared: createDeclaredReader({ bus, stores }), configFolder });
  const guard = createVolumeGuard({ engine, moves, configFolder });
  const record = recordOf({ rollout: situation.rollout === undefined ? rollout : situation.rollout });
  await guard(worldOf({ record, manifest, containers: own }), { spec, steps });
  return questions;
}

const writes = (owner: string, source = 'data', id = `${owner}-1`): WritableMount => ({
  container: id,
  name: owner,
  owner: { node, service: owner },
  source,
});

describe('the guard of volumes', () => {
  it('refuses all while a container of a service that is declared no more writes there', async () => {
    for (const step of [create, stop, start]) {
      await assert.rejects(ask(on('data'), [step], { held: [writes('gone')] }), { name: 'RetryableError', code: 'VOLUME_IN_USE' });
    }
  });

  it('minds nobody who is to write there', async () => {
    await ask(on('data'), [start], { held: [writes(shop)], shopSpec: on('data', { service: { name: shop } }) });
  });

  it('refuses all while a service that leaves the volume to this one still writes there', async () => {
    const shopSpec = declared({ service: { name: shop } });
    for (const isRolling of [true, false]) {
      for (const step of [create, stop, start]) {
        const refused = ask(on('data'), [step], { held: [writes(shop)], shopSpec, isRolling });
        await assert.rejects(refused, { code: 'VOLUME_IN_USE', message: /^container xshop of xshop, which is declared without it now/ });
      }
    }
  });

  it('minds who is to write there by a declaration that is being replaced', async () => {
    const shopSpec = on('data', { service: { name: shop } });
    await assert.rejects(ask(on('data'), [start], { held: [writes(shop)], shopSpec, isBeingWritten: true }), { code: 'VOLUME_IN_USE' });
  });

  it('minds nobody who is declared where nothing takes over: a run of a job, a repair', async () => {
    const shopSpec = declared({ service: { name: shop } });
    await ask(on('data'), [start], { held: [writes(shop)], shopSpec, rollout: null });
    await assert.rejects(ask(on('data'), [start], { held: [writes('gone')], rollout: null }), { code: 'VOLUME_IN_USE' });
  });

  it('minds nobody who waits for this service in another way: neither could ever go on', async () => {
    const shopSpec = declared({ service: { name: shop }, depends_on: { web: 'started' } });
    for (const step of [create, stop, start]) await ask(on('data'), [step], { held: [writes(shop)], shopSpec });
  });

  const shopSpec = on('own', { service: { name: shop } });
  const exchange = { held: [writes(shop), writes('web', 'own', 'c0')], shopSpec, own: [container({ id: 'c0' })] };
  const prepared = [container({ id: 'n1', state: 'created', kedge: { node, service: shop, release: rollout.release } })];

  it('lets the first of an exchange stop what it has when the others are prepared, and start when they have stopped', async () => {
    await ask(on('data'), [create], exchange);
    await assert.rejects(ask(on('data'), [stop], exchange), { code: 'VOLUME_COMING' });
    await ask(on('data'), [stop], { ...exchange, all: prepared });
    await assert.rejects(ask(on('data'), [start], { ...exchange, all: prepared, rollout }), { code: 'VOLUME_COMING' });
    await ask(on('data'), [start], { ...exchange, all: prepared, rollout, held: [] });
  });

  it('lets it start beside the others where nothing of it has to stop', async () => {
    const beside = { ...exchange, rollout: { ...rollout, strategy: 'start-first' } as const };
    await assert.rejects(ask(on('data'), [start], beside), { code: 'VOLUME_COMING' });
    await ask(on('data'), [start], { ...beside, all: prepared });
  });

  it('stops nothing for an exchange in which somebody is stuck', async () => {
    for (const step of [create, stop, start])
      await assert.rejects(ask(on('data'), [step], { ...exchange, all: prepared, isRolling: false }), { code: 'VOLUME_IN_USE' });
  });

  it('asks nobody about what is only read', async () =>
    assert.equal(
      await ask(declared({ volume: [{ source: 'data', target: '/data', readonly: true }] }), [start], { held: [writes('gone')] }),
      0,
    ));

  it('tells a source that is missing as that', async () => await assert.rejects(ask(on('/missing'), [start]), { code: 'SOURCE_MISSING' }));
});
