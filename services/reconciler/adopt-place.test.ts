import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import {
  assertServes,
  crashing,
  neverReady,
  open,
  proxied,
  published,
  quickGate,
  serving,
  specOf,
  type Watched,
} from './testing/stories.ts';
import { callsToDieAt, seed } from './testing/sweep.ts';

const names = ({ engine }: Watched) => engine.all().map(({ name, state, kedge }) => `${name} ${state}${kedge ? '' : ' foreign'}`);

/** A service that finds its place taken, under its name and on the port that it publishes. */
async function obstructed(spec: ServiceSpec, behaviour: Parameters<typeof open>[0] = {}): Promise<Watched> {
  const simulation = await open(behaviour);
  simulation.engine.addForeign('web', spec.port ? [{ host: 8080, container: 80, protocol: 'tcp', hostIp: '0.0.0.0' }] : []);
  await simulation.declare(spec);
  await simulation.accept('v1');
  await simulation.settle({ untilMs: 600_000 });
  assert.equal((await simulation.record())?.serving, null, 'nothing is taken away from anybody without a word');
  assert.deepEqual(
    simulation.engine.all().flatMap(({ kedge, state }) => (kedge ? [] : [state])),
    ['running'],
  );
  return simulation;
}

describe('a container that Kedge did not make', () => {
  for (const [kind, spec] of Object.entries({
    beside: specOf(proxied),
    'on its port': specOf({ ...proxied, ...published }),
    'on a volume': specOf({ volume: [{ source: 'data', target: '/data' }], ...quickGate }),
  })) {
    it(`makes way for the service after a person agreed to it (${kind})`, async () => {
      const simulation = await obstructed(spec);
      await simulation.request('adopt', 'a1');
      await simulation.settle();
      await assertServes(simulation, spec, 'v1');
      assert.deepEqual(names(simulation), ['web running']);
      assert.equal((await simulation.record())?.adopting, undefined);
    });

    it(`comes back when the service cannot start (${kind})`, async () => {
      const simulation = await obstructed(spec, { v1: neverReady });
      await simulation.request('adopt', 'a1');
      await simulation.settle({ untilMs: 200_000 });
      assert.deepEqual(
        names(simulation).filter((name) => name.endsWith('foreign')),
        ['web running foreign'],
      );
      assert.equal((await simulation.record())?.adopting, undefined);
    });

    it(`makes way whatever moment the reconciler dies at (${kind})`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      const calls = await callsOf(spec);
      assert.ok(calls > 20, `${calls} calls`);
      for (const call of callsToDieAt(calls, 6)) {
        for (const effect of ['before', 'after'] as const) {
          const simulation = await obstructed(spec);
          await simulation.request('adopt', 'a1');
          await simulation.settle({ crashes: [{ call, effect }] });
          await assertServes(simulation, spec, 'v1');
          assert.deepEqual(names(simulation), ['web running'], `died ${effect} call ${call}`);
        }
      }
    });
  }

  it('is removed when the service serves already under another name', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec);
    simulation.engine.addForeign('other');
    await simulation.request('adopt', 'a1');
    await simulation.settle();
    assert.deepEqual(names(simulation), ['web running', 'other running foreign'], 'who does not stand in the way stays');
  });

  it('does not come back when it did not run', async () => {
    const spec = specOf({ ...proxied, ...published });
    const simulation = await open({ v1: crashing });
    simulation.engine.addForeign('web');
    for (const { id } of simulation.engine.all()) await simulation.engine.stop(id, 0);
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle();
    await simulation.request('adopt', 'a1');
    await simulation.settle({ untilMs: 200_000 });
    assert.ok(names(simulation).includes('web exited foreign'));
  });
});

/** How many calls it takes from the agreement to the rest. */
async function callsOf(spec: ServiceSpec): Promise<number> {
  const simulation = await obstructed(spec);
  await simulation.request('adopt', 'a1');
  const before = simulation.calls();
  await simulation.settle();
  return simulation.calls() - before;
}
