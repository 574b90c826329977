import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeployStarted, type NetworkSpec } from '@kedge/shared/contracts';
import { networkPlan } from './core/networks/network-plan.ts';
import type { CrashPoint } from './testing/crash-points.ts';
import { node } from './testing/simulated-proxies.ts';
import { assertServes, crashing, open, proxied, quickGate, serving, specOf, twoProxies, type Watched } from './testing/stories.ts';
import { callsToDieAt, seed } from './testing/sweep.ts';

const back: NetworkSpec = { name: 'back' };
const inner: NetworkSpec = { name: 'back', internal: true };
const spec = specOf({ service: { replicas: 2 }, ...proxied, ...quickGate, network: [{ name: 'back' }] });
const alone = specOf({ service: { replicas: 2 }, ...proxied, ...quickGate });

/** v1 serves on its network; whatever happens, two containers are routed at every moment. */
async function servingOn(networks: readonly NetworkSpec[]): Promise<Watched> {
  const simulation = await open({}, twoProxies);
  simulation.networks.push(...networks);
  await simulation.declare(spec);
  await simulation.accept('v1');
  await simulation.settle();
  return simulation;
}

async function declareAnew(simulation: Watched, networks: readonly NetworkSpec[], declared = spec): Promise<void> {
  simulation.networks.splice(0, Number.POSITIVE_INFINITY, ...networks);
  await simulation.declare(declared);
}

function assertOn(simulation: Watched, network: string): void {
  for (const { id, cutFrom, namedOn } of simulation.engine.all()) {
    assert.deepEqual([id, cutFrom, namedOn], [id, [], ['kedge', network]]);
  }
}

describe('a service on a declared network', () => {
  it('has its name there on every container, before and after a rollout', async () => {
    const simulation = await servingOn([back]);
    await assertServes(simulation, spec, 'v1');
    assertOn(simulation, 'back');
    simulation.guardCapacity(2);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assertOn(simulation, 'back');
    assert.deepEqual(simulation.engine.declaredNetworks.made.get('back'), networkPlan(back, node));
  });

  it('waits for an external network, which is never made, and goes on when it is there', async () => {
    const simulation = await servingOn([{ name: 'back', external: true }]);
    const waiting = (await simulation.record())?.waiting;
    assert.equal(waiting?.code, 'NETWORK_MISSING');
    assert.match(waiting?.message ?? '', /docker network create back/);
    assert.deepEqual(simulation.engine.all(), []);
    simulation.engine.declaredNetworks.made.set('back', { ...networkPlan(back, node), labels: {} });
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    await declareAnew(simulation, [], alone);
    await simulation.settle();
    assert.ok(simulation.engine.declaredNetworks.made.has('back'), 'it is not ours to remove');
  });

  it('keeps its containers when the network is declared otherwise, and the network goes when it is declared no more', async () => {
    const simulation = await servingOn([back]);
    const before = simulation.engine.all().map(({ id }) => id);
    const starts = simulation.engine.starts();
    await declareAnew(simulation, [inner]);
    await simulation.settle();
    assert.deepEqual(simulation.engine.declaredNetworks.made.get('back'), networkPlan(inner, node));
    assert.deepEqual(
      simulation.engine.all().map(({ id }) => id),
      before,
    );
    assert.deepEqual([simulation.engine.starts(), simulation.engine.declaredNetworks.remakes()], [starts, 1]);
    assertOn(simulation, 'back');

    await declareAnew(simulation, [], alone);
    await simulation.settle();
    await assertServes(simulation, alone, 'v1');
    assert.deepEqual([...simulation.engine.declaredNetworks.made.keys()], []);
  });

  it('gets back what somebody took away by hand', async () => {
    const simulation = await servingOn([back]);
    simulation.engine.declaredNetworks.interruptRemake('back');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assertOn(simulation, 'back');
  });

  const stories = {
    'the network is declared otherwise': [[inner], spec, 'v1'],
    'a rollout is under way as well': [[inner], spec, 'v2'],
    'the network is declared no more': [[], alone, 'v1'],
  } as const;
  for (const [title, [networks, declared, version]] of Object.entries(stories)) {
    it(`a crash at any call leads to the same end: ${title}`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      async function change(crashes: readonly CrashPoint[]): Promise<number> {
        const simulation = await servingOn([back]);
        const before = simulation.calls();
        await declareAnew(simulation, networks, declared);
        await simulation.accept(version);
        await simulation.settle({ crashes });
        await assertServes(simulation, declared, version);
        assert.deepEqual(
          [...simulation.engine.declaredNetworks.made.values()],
          networks.map((network) => networkPlan(network, node)),
        );
        if (networks.length > 0) assertOn(simulation, 'back');
        return simulation.calls() - before;
      }

      const calls = await change([]);
      for (const call of callsToDieAt(calls, 8)) {
        for (const effect of ['before', 'within', 'after'] as const) {
          await change([{ call, effect }]).catch((cause) => {
            throw new Error(`a crash ${effect} call ${call} of ${calls}`, { cause });
          });
        }
      }
    });
  }
});

describe('a service on the network of the host', () => {
  const host = specOf({ ...proxied, ...quickGate, network: [{ name: 'host' }] });

  it('is found where the host is, and makes room before its next release starts', async () => {
    const simulation = await serving(host, {}, twoProxies);
    assert.deepEqual(
      (await simulation.endpoints())?.targets.map(({ address }) => address),
      ['127.0.0.1'],
    );
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, host, 'v2');
    const started = simulation.events.filter(({ type }) => type === 'deploy.started.v1').map(({ data }) => data);
    assert.deepEqual(
      started.map((data) => DeployStarted.parse(data).strategy),
      ['stop-first', 'stop-first'],
    );
  });

  it('takes its old release back when the new one is bad', async () => {
    const simulation = await serving(host, { v2: crashing }, twoProxies);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, host, 'v1');
  });

  it('goes when it is declared no more', async () => {
    const simulation = await serving(host, {}, twoProxies);
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
  });

  it('moves there from a network of its own, and back', async () => {
    const own = specOf({ ...proxied, ...quickGate });
    const simulation = await serving(own, {}, twoProxies);
    for (const next of [host, own]) {
      await simulation.declare(next);
      await simulation.settle();
      await assertServes(simulation, next, 'v1');
    }
  });
});
