import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { ConfigManifest, NetworkDrifted, type NetworkSpec, serviceKey } from '@kedge/shared/contracts';
import { hashJson, RetryableError } from '@kedge/shared/kernel';
import { silentLog } from '@kedge/shared/testing';
import { networkPlan } from './core/networks/network-plan.ts';
import { createNetworkKeeper, type NetworkKeeper } from './keep-networks.ts';
import { openStores } from './stores.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { declared } from './testing/observed.ts';
import { createSimulatedEngine, emptyPlan, type SimulatedEngine } from './testing/simulated-engine.ts';
import { node, put, web } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';

describe('the keeper of networks', () => {
  let monotonicMs: number;
  let mayAct: boolean;
  let isDown: boolean;
  let engine: SimulatedEngine;
  let keeper: NetworkKeeper;
  let said: string[];
  let drifts: () => readonly (readonly string[])[];

  beforeEach(async () => {
    [monotonicMs, mayAct, isDown, said] = [60_000, true, false, []];
    const clock = { now: () => new Date('2026-01-01T00:00:00Z'), monotonicMs: () => monotonicMs };
    monotonicMs = 0;
    const store = createMemoryStore();
    const bus = createMemoryBus({ store, node, clock });
    drifts = () =>
      store.events.map(({ data }) => NetworkDrifted.parse(data)).map(({ network, action, reason }) => [network, action, reason]);
    monotonicMs = 60_000;
    const stores = openStores(bus);
    const spec = declared({ network: [{ name: 'back' }] });
    await put(stores.services, serviceKey(node, web), { node, spec, hash: hashJson(spec), path: 'web' });
    engine = createSimulatedEngine({ clock, behaviourOf: () => ({ readyAfterMs: 0, endsAfterMs: null, exitCode: 0 }) });
    const log = silentLog();
    const note = (_facts: object, text: string) => void said.push(text);
    keeper = createNetworkKeeper({
      bus,
      stores,
      engine,
      nodeState: { down: async () => (isDown ? { since: '2026-01-01T00:00:00.000Z' } : null) },
      clock,
      random: () => 0,
      log: Object.assign(log, { info: note, warn: note }),
      networkNameFor: () => 'kedge',
      assertMayDestroy() {
        if (!mayAct) throw new RetryableError('STANDING_BY', 'not now');
      },
    });
  });

  const manifest = (...networks: NetworkSpec[]) =>
    ConfigManifest.parse({ node, revision: 'r', entry: 'kedge.toml', services: { web: 'h' }, delay: 60, networks });
  const made = () => [...engine.declaredNetworks.made.keys()];

  async function putOn(network: string): Promise<void> {
    engine.images.set('app', digestOf('app'));
    await engine.create({ ...emptyPlan, name: 'stranger', image: 'app', networks: [network] });
  }

  it('makes what is asked for and declared, and nothing else', async () => {
    await keeper.ensure(manifest({ name: 'back' }, { name: 'front' }), ['back', 'undeclared']);
    assert.deepEqual(made(), ['back']);
  });

  it('makes all that are declared, also what no service names, and also before it may destroy anything', async () => {
    engine.declaredNetworks.made.set('old', networkPlan({ name: 'old' }, node));
    monotonicMs = 5_000;
    await keeper.keep(manifest({ name: 'back' }, { name: 'front' }, { name: 'outer', external: true }));
    assert.deepEqual(made(), ['old', 'back', 'front']);
    monotonicMs = 60_000;
    await keeper.keep(manifest({ name: 'back' }, { name: 'front' }));
    assert.deepEqual(made(), ['back', 'front']);
    assert.deepEqual((await keeper.plan(manifest({ name: 'back' }, { name: 'front' }))).changes, []);
  });

  /** The simulated engine has no swarm. */
  const refusal = 'ENGINE_REFUSED: the engine does not make it: This node is not a swarm manager.';
  const swarm = { name: 'wide', driver: 'overlay' } as const;
  const asks = () => engine.declaredNetworks.refusals();

  it('goes on with the others when the engine refuses one, which is told once and asked for again with patience', async () => {
    const both = manifest(swarm, { name: 'front' });
    await keeper.keep(both);
    assert.deepEqual(made(), ['front']);
    const [code, message] = ['ENGINE_REFUSED', 'the engine does not make it: This node is not a swarm manager.'];
    assert.deepEqual(await keeper.kept(both), [{ name: 'wide', code, message }]);
    assert.deepEqual((await keeper.plan(both)).changes, [{ name: 'wide', action: 'create', reason: refusal }]);
    monotonicMs += 4_999;
    await keeper.keep(both);
    assert.equal(asks(), 1);
    for (const wait of [1, 30_000, 60_000]) {
      monotonicMs += wait;
      await keeper.keep(both);
    }
    assert.equal(asks(), 4);
    assert.deepEqual(said, ['the engine refuses a network as it is declared', 'a declared network was made']);
  });

  it('tells the services that use it, whenever they ask', async () => {
    await keeper.keep(manifest(swarm));
    await assert.rejects(keeper.ensure(manifest(swarm), ['wide']), { code: 'ENGINE_REFUSED' });
  });

  it('forgets the refusal when it is declared otherwise, declared no more, or there', async () => {
    await keeper.keep(manifest(swarm));
    await keeper.keep(manifest({ ...swarm, driver: 'bridge' }));
    assert.deepEqual(made(), ['wide']);
    engine.declaredNetworks.made.clear();
    await keeper.keep(manifest(swarm));
    assert.deepEqual(await keeper.kept(manifest()), []);
    await keeper.keep(manifest());
    await keeper.keep(manifest(swarm));
    assert.equal(asks(), 3);
    engine.declaredNetworks.made.set('wide', networkPlan(swarm, node));
    assert.deepEqual(await keeper.kept(manifest(swarm)), []);
  });

  it('leaves a network as it is that the engine refuses to make anew', async () => {
    await keeper.keep(manifest({ ...swarm, driver: 'bridge' }));
    for (let looks = 0; looks < 3; looks += 1) await keeper.keep(manifest(swarm));
    assert.equal(asks(), 1);
    assert.deepEqual((await keeper.plan(manifest(swarm))).changes, [{ name: 'wide', action: 'recreate', reason: refusal }]);
    assert.equal((await keeper.kept(manifest(swarm)))[0]?.code, 'ENGINE_REFUSED');
    assert.equal(drifts().length, 1);
  });

  it('looks again soon when an engine does not answer, or lost the network that it was to make anew', async () => {
    await keeper.keep(manifest({ name: 'back' }));
    engine.remakeNetwork = async ({ name }) => {
      engine.declaredNetworks.made.delete(name);
      throw new RetryableError('ENGINE_REFUSED', 'no space left');
    };
    await assert.rejects(keeper.keep(manifest({ name: 'back', internal: true })), { code: 'ENGINE_REFUSED' });
    engine.ensureNetwork = async () => {
      throw new RetryableError('ENGINE_UNREACHABLE', 'no answer');
    };
    await assert.rejects(keeper.keep(manifest({ name: 'back' })), { code: 'ENGINE_UNREACHABLE' });
    assert.deepEqual((await keeper.plan(manifest({ name: 'back' }))).changes, [{ name: 'back', action: 'create', reason: 'web needs it' }]);
  });

  it('misses external networks, used or not, each time that they go', async () => {
    const outer = manifest({ name: 'outer', external: true });
    const message = 'external network outer does not exist; make it with "docker network create outer"';
    await keeper.keep(outer);
    await keeper.keep(outer);
    assert.deepEqual(said, ['an external network is missing']);
    assert.deepEqual(await keeper.kept(outer), [{ name: 'outer', code: 'NETWORK_MISSING', message }]);
    assert.deepEqual(await keeper.plan(outer), { changes: [], missing: [{ name: 'outer', reason: `NETWORK_MISSING: ${message}` }] });
    engine.declaredNetworks.made.set('outer', { ...networkPlan({ name: 'outer' }, node), labels: {} });
    await keeper.keep(outer);
    assert.deepEqual([await keeper.kept(outer), await keeper.plan(outer)], [[], { changes: [], missing: [] }]);
    engine.declaredNetworks.made.delete('outer');
    await keeper.keep(outer);
    assert.equal(said.length, 2);
  });

  it('neither makes nor asks for the networks that every engine has', async () => {
    await keeper.ensure(manifest({ name: 'host', external: true }, { name: 'none', driver: 'none' }), ['host', 'none']);
    assert.deepEqual(made(), []);
  });

  it('removes them while everything is down', async () => {
    await keeper.ensure(manifest({ name: 'back' }), ['back']);
    isDown = true;
    const changes = [{ name: 'back', action: 'remove', reason: 'everything is down' }];
    assert.deepEqual((await keeper.plan(manifest({ name: 'back' }))).changes, changes);
    await keeper.keep(manifest({ name: 'back' }));
    assert.deepEqual(made(), []);
  });

  it('tells what becomes of networks without changing any', async () => {
    engine.declaredNetworks.made.set('old', networkPlan({ name: 'old' }, node));
    assert.deepEqual((await keeper.plan(manifest({ name: 'back' }))).changes, [
      { name: 'old', action: 'remove', reason: 'it is declared no more' },
      { name: 'back', action: 'create', reason: 'web needs it' },
    ]);
    assert.deepEqual(made(), ['old']);
    await keeper.keep(manifest({ name: 'back' }));
    assert.deepEqual(made(), ['back']);
  });

  it('announces what it is about to do, each time that there is something to do', async () => {
    const changed = manifest({ name: 'back', internal: true });
    await keeper.ensure(manifest({ name: 'back' }), ['back']);
    await keeper.keep(changed);
    await keeper.keep(changed);
    await keeper.keep(manifest({ name: 'back' }));
    await keeper.keep(changed);
    assert.equal(engine.declaredNetworks.remakes(), 3);
    assert.deepEqual(drifts(), [
      ['back', 'recreate', 'internal false → true'],
      ['back', 'recreate', 'internal true → false'],
      ['back', 'recreate', 'internal false → true'],
    ]);
  });

  it('refuses to change a network below somebody else, and says so once', async () => {
    await keeper.ensure(manifest({ name: 'back' }), ['back']);
    await putOn('back');
    const changed = manifest({ name: 'back', internal: true });
    await keeper.keep(changed);
    await keeper.keep(changed);
    assert.deepEqual(said, ['a network is not as declared, and stays as it is']);
    assert.deepEqual(drifts(), [
      ['back', 'keep', 'NETWORK_IN_USE: internal false → true; but stranger is on it, which Kedge did not make'],
    ]);
    assert.equal(engine.declaredNetworks.remakes(), 0);
    const [change] = (await keeper.plan(changed)).changes;
    assert.equal(change?.action, 'recreate');
    assert.match(change?.reason ?? '', /^NETWORK_IN_USE: internal false → true; but stranger is on it/);
    const message = 'internal false → true; but stranger is on it, which Kedge did not make';
    assert.deepEqual(await keeper.kept(changed), [{ name: 'back', code: 'NETWORK_IN_USE', message }]);
    assert.deepEqual(await keeper.kept(manifest({ name: 'back' })), []);
  });

  it('uses what somebody else made as it is, and says so once', async () => {
    engine.declaredNetworks.made.set('back', { ...networkPlan({ name: 'back' }, node), labels: {} });
    const changed = manifest({ name: 'back', internal: true });
    await keeper.keep(changed);
    await keeper.keep(changed);
    assert.deepEqual(said, ['a network is used as it is']);
    assert.deepEqual((await keeper.plan(changed)).changes, []);
  });

  it('destroys nothing while it could not have heard what it would destroy, nor where another one acts', async () => {
    engine.declaredNetworks.made.set('old', networkPlan({ name: 'old' }, node));
    monotonicMs = 5_000;
    await keeper.keep(manifest());
    monotonicMs = 60_000;
    mayAct = false;
    await assert.rejects(keeper.keep(manifest()), { code: 'STANDING_BY' });
    assert.deepEqual(made(), ['old']);
    mayAct = true;
    await keeper.keep(manifest());
    assert.deepEqual(made(), []);
  });
});
