import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, serviceKey } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { CrashPoint } from './testing/crash-points.ts';
import { node } from './testing/simulated-proxies.ts';
import {
  assertServes,
  crashing,
  neverReady,
  open,
  proxied,
  quickGate,
  serving,
  specOf,
  twoProxies,
  type Watched,
} from './testing/stories.ts';
import { callsToDieAt, seed } from './testing/sweep.ts';

const spec = specOf({
  ...proxied,
  ...quickGate,
  volume: [
    { source: 'data', target: '/data' },
    { source: './web/conf', target: '/conf' },
  ],
});

const shop = ServiceName.parse('shop');

/** What the containers that run may write to. */
async function written(simulation: Watched): Promise<readonly string[]> {
  return (await simulation.engine.writable()).map(({ source }) => source);
}

describe('the volumes of a service', () => {
  it('are the same, by name, for every container that takes the place of another', async () => {
    const simulation = await serving(spec, {}, twoProxies);
    const volumes = ['data', '/host/config/web/conf'];
    assert.deepEqual(await written(simulation), volumes);

    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.deepEqual(await written(simulation), volumes);

    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual([simulation.engine.all(), await written(simulation)], [[], []]);
    await simulation.declare(spec);
    await simulation.settle();
    assert.deepEqual(await written(simulation), volumes);

    await simulation.decideNode('down', 'd1');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    await simulation.decideNode('up', 'u1');
    await simulation.settle();
    assert.deepEqual(await written(simulation), volumes);
  });
});

describe('a volume that moves', () => {
  const on = (name: string, source: string | null, changes: Record<string, unknown> = {}) =>
    specOf({ service: { name, ...changes }, ...(source === null ? {} : { volume: [{ source, target: '/data' }] }) });

  /** Who writes where. */
  async function writers(simulation: Watched): Promise<Readonly<Record<string, string>>> {
    const held = await simulation.engine.writable();
    return Object.fromEntries(held.map(({ owner, source }) => [owner?.service ?? '', source]));
  }

  for (const behaviour of [{}, { hasHealthCheck: true, readyAfterMs: 20_000 }]) {
    it(`to another declared service is never written by both (${JSON.stringify(behaviour)})`, async () => {
      const simulation = await serving(on('web', 'data'), { o1: behaviour });
      await simulation.accept('o1', 'oth:1');
      await simulation.declare(on('web', null, { image: 'oth:1' }), on('shop', 'data'));
      await simulation.settle({ untilMs: 120_000 });
      assert.deepEqual([await writers(simulation), simulation.engine.clashes], [{ shop: 'data' }, []]);
      assert.deepEqual(simulation.violations, []);
    });
  }

  it('to another declared service stays where it is while that has no good successor, and moves then', async () => {
    const simulation = await serving(on('web', 'data'), { o1: crashing });
    await simulation.accept('o1', 'oth:1');
    await simulation.declare(specOf({ service: { image: 'oth:1' } }), on('shop', 'data'));
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual([await writers(simulation), simulation.engine.clashes], [{ web: 'data' }, []]);
    const waiting = (await simulation.stores.releases.get(serviceKey(node, shop)))?.value.waiting;
    assert.equal(waiting?.code, 'VOLUME_IN_USE');
    assert.match(waiting?.message ?? '', /^container web of web, which is declared without it now, still writes to data; kedge status web/);

    await simulation.accept('v2', 'oth:1');
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual([await writers(simulation), simulation.engine.clashes], [{ shop: 'data' }, []]);
  });

  it('does not, where what has it can come back until its successor is fit', async () => {
    const simulation = await serving(on('web', 'data', { strategy: 'recreate' }), {
      o1: { readyAfterMs: 1_000, endsAfterMs: 2_000, exitCode: 3 },
    });
    await simulation.accept('o1', 'oth:1');
    await simulation.declare(on('web', null, { strategy: 'recreate', image: 'oth:1' }), on('shop', 'data'));
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual([await writers(simulation), simulation.engine.clashes], [{ web: 'data' }, []]);
  });

  it('to a service on which the one that has it depends does not keep both from going on', async () => {
    const simulation = await serving(on('web', 'data'));
    await simulation.declare(specOf({ depends_on: { shop: 'started' } }), on('shop', 'data'));
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(await writers(simulation), { shop: 'data' });
    assert.equal((await simulation.record())?.rollout, null);
  });

  for (const [strategy, clashes] of [
    ['recreate', false],
    ['rolling', true],
  ] as const) {
    for (const size of [2, 3]) {
      it(`is exchanged by ${size} services (${strategy})`, async () => {
        const names = ['web', 'shop', 'blog'].slice(0, size);
        const turned = (by: number) =>
          names.map((name, index) => on(name, `d${(index + by) % size}`, { strategy, replicas: strategy === 'recreate' ? 1 : 2 }));
        const simulation = await open();
        await simulation.declare(turned(0)[0] ?? null, ...turned(0).slice(1));
        await simulation.accept('v1');
        await simulation.settle();
        await simulation.declare(turned(1)[0] ?? null, ...turned(1).slice(1));
        await simulation.settle({ untilMs: 120_000 });
        assert.deepEqual(await writers(simulation), Object.fromEntries(names.map((name, index) => [name, `d${(index + 1) % size}`])));
        assert.equal(simulation.engine.clashes.length > 0, clashes, simulation.engine.clashes.join());
        assert.deepEqual(simulation.violations, []);
      });
    }
  }

  it('is exchanged in a moment although one of the two takes long to be fit', async () => {
    const simulation = await serving(on('web', 'd0'), { v2: { hasHealthCheck: true, readyAfterMs: 90_000 } });
    await simulation.declare(on('web', 'd0'), on('shop', 'd1'));
    await simulation.settle();
    await simulation.accept('v2', 'slow:1');
    await simulation.declare(on('web', 'd1', { image: 'slow:1' }), on('shop', 'd0'));
    await simulation.settle({ untilMs: 20_000 });
    assert.deepEqual([await writers(simulation), simulation.engine.clashes], [{ web: 'd1', shop: 'd0' }, []]);
    await simulation.settle({ untilMs: 200_000 });
    assert.deepEqual([await writers(simulation), simulation.engine.clashes], [{ web: 'd1', shop: 'd0' }, []]);
  });

  it('is exchanged for a port', async () => {
    const web = (own: object) => specOf({ service: { name: 'web', strategy: 'recreate' }, ...own });
    const shop = (own: object) => specOf({ service: { name: 'shop', strategy: 'recreate' }, ...own });
    const [volume, port] = [{ volume: [{ source: 'data', target: '/data' }] }, { port: [{ host: 7000, container: 80 }] }];
    const simulation = await serving(web(volume));
    await simulation.declare(web(volume), shop(port));
    await simulation.settle();
    await simulation.declare(web(port), shop(volume));
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual([await writers(simulation), simulation.engine.clashes], [{ shop: 'data' }, []]);
    const held = await simulation.engine.published();
    assert.deepEqual(
      held.map(({ owner, host }) => [owner?.service, host]),
      [['web', 7000]],
    );
  });

  it('is exchanged in a ring that is part of another one', async () => {
    const of = (name: string, source: string | null, host: number | null) =>
      specOf({
        service: { name },
        ...(source === null ? {} : { volume: [{ source, target: '/data' }] }),
        ...(host === null ? {} : { port: [{ host, container: 80 }] }),
      });
    const simulation = await serving(of('web', 'd0', 7000));
    await simulation.declare(of('web', 'd0', 7000), of('shop', null, 7001), of('blog', 'd1', null));
    await simulation.settle();
    await simulation.declare(of('web', null, 7001), of('shop', 'd1', 7000), of('blog', 'd0', null));
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual([await writers(simulation), simulation.engine.clashes], [{ shop: 'd1', blog: 'd0' }, []]);
    const held = (await simulation.engine.published()).map(({ owner, host }) => [owner?.service, host] as const);
    assert.deepEqual(Object.fromEntries(held), { shop: 7000, web: 7001 });
  });

  it('is not taken from what is about to be repaired', async () => {
    const simulation = await serving(on('web', 'data'), { o1: crashing });
    const { engine } = simulation;
    await simulation.accept('o1', 'oth:1');
    await simulation.accept('v2', 'shop:1');
    await simulation.declare(on('web', null, { image: 'oth:1' }), on('shop', 'data', { image: 'shop:1' }));
    await simulation.settle({ untilMs: 120_000 });
    const [old] = engine.all();
    assert.ok(old?.image);
    engine.troubles.start = { image: old.image, error: new RetryableError('ENGINE_ERROR', 'the engine has a bad day') };
    engine.lose(old.id);
    await simulation.settle({ untilMs: 40_000 });
    assert.deepEqual(await writers(simulation), {});
    engine.troubles.start = null;
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual([await writers(simulation), engine.clashes], [{ web: 'data' }, []]);
  });

  it('stops nothing for an exchange while one of it waits for another service', async () => {
    const api = (source: string) => on('shop', source);
    const simulation = await serving(on('web', 'd0'), { v2: { ...neverReady, hasHealthCheck: true } });
    await simulation.declare(on('web', 'd0'), api('d1'));
    await simulation.settle();
    const standing = () => {
      const running = simulation.engine.all().filter(({ state }) => state === 'running');
      return running.map(({ id, kedge, startedAt }) => `${id} ${kedge?.service} ${startedAt?.toISOString()}`);
    };
    const before = standing();
    await simulation.accept('v2', 'late:1');
    const late = specOf({ service: { name: 'late', image: 'late:1' } });
    await simulation.declare(specOf({ ...on('web', 'd1'), depends_on: { late: 'healthy' } }), api('d0'), late);
    await simulation.settle({ untilMs: 300_000 });
    assert.deepEqual(standing().slice(0, before.length), before, standing().join());
    assert.deepEqual(simulation.engine.clashes, []);
  });

  const waits = (name: string, source: string | null, service: string) =>
    specOf({ ...on(name, source), depends_on: { [service]: 'started' } });
  for (const [what, first, next, end] of [
    [
      'a service that waits for a third one, which waits for the first',
      [on('web', 'd0'), on('shop', 'd1')],
      [on('web', 'd1'), waits('shop', null, 'blog'), on('blog', 'd0')],
      { web: 'd1', blog: 'd0' },
    ],
    [
      'a service on which others depend, in a ring of three',
      [on('web', 'd0'), on('shop', 'd1')],
      [waits('web', null, 'blog'), on('shop', 'd0'), on('blog', 'd1')],
      { shop: 'd0', blog: 'd1' },
    ],
  ] as const) {
    it(`keeps nobody from going on for ever: to ${what}`, async () => {
      const simulation = await open();
      await simulation.accept('v1');
      await simulation.declare(first[0], ...first.slice(1));
      await simulation.settle();
      await simulation.declare(next[0], ...next.slice(1));
      await simulation.settle({ untilMs: 120_000 });
      assert.deepEqual(await writers(simulation), end);
      for (const { value } of (await simulation.stores.releases.readAll(node)).values())
        assert.deepEqual([value.rollout, value.waiting], [null, undefined], value.service);
    });
  }

  it('is not waited for by a route that moves to a service which waits for the volume', async () => {
    const simulation = await serving(specOf({ ...on('web', 'd0'), ...proxied }), {}, twoProxies);
    await simulation.declare(specOf({ ...on('web', 'd0'), ...proxied }), on('shop', 'd1'));
    await simulation.settle();
    await simulation.declare(null, on('shop', 'd0'), specOf({ ...on('blog', 'd1'), ...proxied }));
    await simulation.settle({ untilMs: 300_000 });
    assert.deepEqual(await writers(simulation), { shop: 'd0', blog: 'd1' });
  });

  it('goes with ports and dependencies in any order, and nobody is left without its place', async () => {
    const at = (host: number) => ({ port: [{ host, container: 80 }] });
    const simulation = await serving(specOf({ ...on('web', 'd1'), ...at(7001) }));
    await simulation.declare(specOf({ ...on('web', 'd1'), ...at(7001) }), specOf({ ...on('shop', null), ...at(7002) }), on('blog', 'd0'));
    await simulation.settle();
    await simulation.declare(
      specOf({ ...on('web', 'd0'), ...at(7002) }),
      waits('shop', 'd1', 'web'),
      specOf({ ...on('blog', 'd2'), ...at(7001) }),
    );
    await simulation.settle({ untilMs: 300_000 });
    assert.deepEqual(await writers(simulation), { web: 'd0', shop: 'd1', blog: 'd2' });
  });

  const to = (name: string, more: object) => specOf({ service: { name, strategy: 'recreate' }, ...more });
  const [d0, d1] = ['d0', 'd1'].map((source) => ({ volume: [{ source, target: '/data' }] })) as [object, object];
  const [p0, p1] = [7000, 7001].map((host) => ({ port: [{ host, container: 80 }] })) as [object, object];
  for (const [what, first, next] of [
    ['a volume that moves', [to('web', d0), to('shop', {})], [to('web', {}), to('shop', d0)]],
    ['two volumes that are exchanged', [to('web', d0), to('shop', d1)], [to('web', d1), to('shop', d0)]],
    ['a volume and a port that are exchanged', [to('web', d0), to('shop', p0)], [to('web', p0), to('shop', d0)]],
    ['a port and a volume under another name', [to('web', { ...p1, ...d0 })], [null, to('shop', { ...p1, ...d0 })]],
  ] as const) {
    it(`comes to the same end wherever the process dies: ${what}`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      const moved = async (crashes: readonly CrashPoint[]) => {
        const simulation = await open({}, twoProxies);
        await simulation.accept('v1');
        await simulation.declare(first[0], ...first.slice(1));
        await simulation.settle();
        const before = simulation.calls();
        await simulation.declare(next[0], ...next.slice(1).filter((each) => each !== null));
        await simulation.settle({ crashes, untilMs: 180_000 });
        const { engine, violations } = simulation;
        const published = (await engine.published()).map(({ owner, host }) => [owner?.service, host]);
        const runs = engine.all().map(({ kedge, state }) => `${kedge?.service} ${state}`);
        const end = { written: await writers(simulation), published, runs: runs.toSorted(), clashes: engine.clashes, violations };
        return { end, calls: simulation.calls() - before };
      };
      const { end, calls } = await moved([]);
      assert.deepEqual([end.clashes, end.violations], [[], []]);
      for (const call of callsToDieAt(calls, 8))
        for (const effect of ['before', 'within', 'after'] as const)
          assert.deepEqual((await moved([{ call, effect }])).end, end, `${call} ${effect}`);
    });
  }
});
