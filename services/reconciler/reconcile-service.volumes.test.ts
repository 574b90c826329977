import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceName, serviceKey } from '@kedge/shared/contracts';
import { node } from './testing/simulated-proxies.ts';
import { assertServes, crashing, open, proxied, quickGate, serving, specOf, twoProxies, type Watched } from './testing/stories.ts';

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
});
