import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import type { CrashPoint } from './testing/crash-points.ts';
import { assertServes, ends, open, proxied, published, said, serving, specOf, twoProxies } from './testing/stories.ts';
import { callsToDieAt, seed } from './testing/sweep.ts';

describe('a published port that somebody else has', () => {
  const moved = specOf({ ...proxied, port: [{ host: 9090, container: 80 }] });

  it('stops nothing: the old release serves until the port is free', async () => {
    const spec = specOf({ ...proxied, ...published });
    const simulation = await serving(spec, {}, twoProxies);
    const [old] = simulation.engine.all();
    const starts = simulation.engine.starts();
    simulation.engine.occupied.add(9090);
    simulation.guardCapacity(1);
    await simulation.declare(moved);
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual(
      simulation.engine.all().map(({ id, state }) => [id, state]),
      [[old?.id, 'running']],
    );
    assert.equal(simulation.engine.starts(), starts);
    const waiting = (await simulation.record())?.waiting;
    assert.equal(waiting?.code, 'PORT_TAKEN');
    assert.match(waiting?.message ?? '', /^port 9090 of the host is taken by another program; free it or change \[\[port\]\] host/);
    assert.deepEqual(simulation.violations, []);

    simulation.guardCapacity(null);
    simulation.engine.occupied.clear();
    await simulation.settle();
    await assertServes(simulation, moved, 'v1');
    assert.deepEqual(said(simulation, ...ends), [2, 2, 0, 0]);
  });

  it('is named with the container that has it', async () => {
    const simulation = await serving(specOf({ ...proxied, ...published }));
    simulation.engine.addForeign('nginx', [{ host: 9090, container: 80, protocol: 'tcp', hostIp: '0.0.0.0' }]);
    await simulation.declare(moved);
    await simulation.settle({ untilMs: 30_000 });
    assert.match((await simulation.record())?.waiting?.message ?? '', /port 9090 of the host is taken by container nginx/);
  });

  it('makes no container for a first start', async () => {
    const simulation = await open();
    simulation.engine.occupied.add(9090);
    await simulation.declare(moved);
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual(simulation.engine.all(), []);
    assert.equal((await simulation.record())?.waiting?.code, 'PORT_TAKEN');
    simulation.engine.occupied.clear();
    await simulation.settle();
    await assertServes(simulation, moved, 'v1');
  });

  for (const size of [2, 3]) {
    it(`is exchanged by ${size} services, each of which ends on the port of the next`, async () => {
      const names = ['web', 'shop', 'blog'].slice(0, size);
      const on = (shift: number) =>
        names.map((name, index) => specOf({ service: { name }, port: [{ host: 7000 + ((index + shift) % size), container: 80 }] }));
      const simulation = await open();
      await simulation.declare(on(0)[0] ?? null, ...on(0).slice(1));
      await simulation.accept('v1');
      await simulation.settle();
      const moved = on(1);
      await simulation.declare(moved[0] ?? null, ...moved.slice(1));
      await simulation.settle({ untilMs: 120_000 });
      const held = (await simulation.engine.published()).map(({ owner, host }) => [owner?.service, host] as const);
      assert.deepEqual(new Map(held), new Map(moved.map(({ service, port }) => [service.name, port?.[0]?.host])));
      assert.equal(held.length, size);
      assert.deepEqual(simulation.violations, []);
    });
  }

  for (const absent of ['web', 'shop'] as const) {
    it(`is not exchanged while the image of ${absent} cannot be had, and is when it can`, async () => {
      const web = (host: number, image = 'app:latest') => specOf({ service: { image }, ...proxied, port: [{ host, container: 80 }] });
      const shop = (host: number, image = 'app:latest') => specOf({ service: { name: 'shop', image }, port: [{ host, container: 80 }] });
      const simulation = await serving(web(7001), {}, twoProxies);
      await simulation.declare(web(7001), shop(7002));
      await simulation.settle();
      const before = simulation.engine.all();
      const [told] = said(simulation, 'routes.changed');
      simulation.guardCapacity(1);
      await simulation.accept('v2', 'new:1');
      simulation.engine.troubles.pull = new RetryableError('REGISTRY_UNREACHABLE', 'no registry');
      await simulation.declare(web(7002, absent === 'web' ? 'new:1' : undefined), shop(7001, absent === 'shop' ? 'new:1' : undefined));
      await simulation.settle({ untilMs: 300_000 });
      assert.deepEqual(simulation.engine.all(), before, 'nothing is stopped, made or left over');
      assert.deepEqual(said(simulation, 'routes.changed'), [told], 'no request is held');
      assert.deepEqual(simulation.violations, []);

      simulation.guardCapacity(null);
      simulation.engine.troubles.pull = null;
      await simulation.settle();
      const held = (await simulation.engine.published()).map(({ owner, host }) => [owner?.service, host] as const);
      assert.deepEqual(Object.fromEntries(held), { shop: 7001, web: 7002 });
      assert.deepEqual(simulation.violations, []);
    });
  }

  it('is exchanged wherever the process dies', async (t) => {
    t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
    const spec = (name: string, host: number) => specOf({ service: { name }, port: [{ host, container: 80 }] });
    const exchanged = async (crashes: readonly CrashPoint[]) => {
      const simulation = await serving(spec('web', 7001));
      await simulation.declare(spec('web', 7001), spec('shop', 7002));
      await simulation.settle();
      const before = simulation.calls();
      await simulation.declare(spec('web', 7002), spec('shop', 7001));
      await simulation.settle({ crashes });
      const held = (await simulation.engine.published()).map(({ owner, host }) => [owner?.service, host] as const);
      assert.deepEqual(Object.fromEntries(held), { shop: 7001, web: 7002 }, JSON.stringify(crashes));
      assert.equal(simulation.engine.all().length, 2, JSON.stringify(crashes));
      return simulation.calls() - before;
    };
    const calls = await exchanged([]);
    for (const call of callsToDieAt(calls, 8)) await exchanged([{ call, effect: 'after' }]);
  });

  it('does not count when the old container of the service has it', async () => {
    const spec = specOf({ ...proxied, ...published });
    const simulation = await serving(spec, {}, twoProxies);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
  });
});
