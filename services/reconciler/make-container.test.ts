import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError, Sealed } from '@kedge/shared/kernel';
import { createContainerMaker } from './make-container.ts';
import { createMemory } from './memory.ts';
import type { SecretSource } from './ports.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared, releaseOf } from './testing/observed.ts';
import { createSimulatedEngine } from './testing/simulated-engine.ts';
import { node } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { worldOf } from './testing/world.ts';

const token = { ref: 'web/service.toml#/env/TOKEN', fingerprint: `v1:${'0'.repeat(64)}` };
const digest = digestOf('v1');
const making = (spec: ServiceSpec) =>
  ({ spec, release: releaseOf('v1'), digest, source: 'local', rollout: '01JZ0000000000000000000000' }) as const;

function stage(resolve: SecretSource['resolve'] = async () => new Map()) {
  const clock = { now: () => new Date(0), monotonicMs: () => 0 };
  const engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
  engine.images.set(digest, digest);
  const ensured: string[] = [];
  const maker = createContainerMaker({
    bus: createMemoryBus({ store: createMemoryStore(), node, clock }),
    engine,
    secrets: { resolve, registryCredentials: async () => null },
    clock,
    memory: createMemory(),
    rest: { resting: async () => [{ address: '10.0.0.2', at: new Date(0).toISOString() }] },
    networks: { ensure: async (_manifest, names) => void ensured.push(...names) },
    networkName: () => 'kedge',
    preferredSubnet: '10.0.0.0/16',
    configFolder: async () => '/config',
  });
  return { engine, maker, ensured };
}

describe('a new container', () => {
  it('has an address that nobody has, however many are made at once, and none that rests', async () => {
    const { engine, maker } = stage();
    const slots = [0, 1, 2, 3];
    await Promise.all(slots.map((slot) => maker.create(worldOf(), { making: making(declared()), slot, name: `web.1.${slot}` })));
    const addresses = engine.all().map(({ address }) => address);
    assert.equal(new Set(addresses).size, slots.length);
    assert.ok(!addresses.includes('10.0.0.2'), addresses.join());
  });

  it('has no address on the network of the host', async () => {
    const { maker } = stage();
    const spec = declared({ network: [{ name: 'host' }] });
    assert.equal((await maker.create(worldOf(), { making: making(spec), slot: 0, name: 'web.1.0' })).kedge?.address, null);
  });

  it('is made after the networks that it needs', async () => {
    const { maker, ensured } = stage();
    await maker.ensureNetworks(worldOf(), declared({ network: [{ name: 'back' }] }));
    assert.deepEqual(ensured, ['back']);
  });

  it('gets its secrets, and is not made without them', async () => {
    const spec = declared({ env: { TOKEN: token } });
    const asked: string[] = [];
    const { maker } = stage(async (refs) => {
      asked.push(...refs.map(({ ref }) => ref));
      return new Map([[token.ref, new Sealed('hunter2')]]);
    });
    await maker.create(worldOf(), { making: making(spec), slot: 0, name: 'web.1.0' });
    assert.deepEqual(asked, [token.ref]);
    const away = stage(async () => await Promise.reject(new RetryableError('SECRETS_UNAVAILABLE', 'nobody answered')));
    await assert.rejects(away.maker.create(worldOf(), { making: making(spec), slot: 0, name: 'web.1.0' }), { code: 'SECRETS_UNAVAILABLE' });
    assert.deepEqual(away.engine.all(), []);
  });

  it('says what keeps a changed secret from coming into force', async () => {
    const spec = declared({ env: { TOKEN: token } });
    const { maker } = stage(async () => await Promise.reject(new RetryableError('SECRET_CHANGED', 'it changed')));
    const create = async (world: ReturnType<typeof worldOf>) =>
      await maker.create(world, { making: making(spec), slot: 0, name: 'web.1.0' });
    await assert.rejects(create(worldOf()), { code: 'SECRET_CHANGED', message: 'it changed' });
    const held = { revision: 'r2', removes: [worldOf().service], since: new Date(0).toISOString() };
    const world = worldOf({ manifest: { ...worldOf().manifest, held } });
    await assert.rejects(create(world), {
      name: 'RetryableError',
      code: 'SECRET_CHANGED',
      message: /^it changed, in a configuration that is held/,
    });
  });
});
