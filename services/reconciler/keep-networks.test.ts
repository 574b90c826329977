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
    await keeper.keep(manifest({ name: 'back' }, { name: 'front' }));
    assert.deepEqual(made(), ['back']);
  });

  it('neither makes nor asks for the networks that every engine has', async () => {
    await keeper.ensure(manifest({ name: 'host', external: true }, { name: 'none', driver: 'none' }), ['host', 'none']);
    assert.deepEqual(made(), []);
  });

  it('removes them while everything is down', async () => {
    await keeper.ensure(manifest({ name: 'back' }), ['back']);
    isDown = true;
    await keeper.keep(manifest({ name: 'back' }));
    assert.deepEqual(made(), []);
  });

  it('tells what becomes of networks without changing any', async () => {
    engine.declaredNetworks.made.set('old', networkPlan({ name: 'old' }, node));
    assert.deepEqual(await keeper.plan(manifest({ name: 'back' })), [
      { name: 'old', action: 'remove', reason: 'it is declared no more' },
      { name: 'back', action: 'create', reason: 'web needs it' },
    ]);
    assert.deepEqual(made(), ['old']);
    await keeper.keep(manifest({ name: 'back' }));
    assert.deepEqual(made(), []);
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
    const [change] = await keeper.plan(changed);
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
    assert.deepEqual(await keeper.plan(changed), []);
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
