import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allRoutes } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import type { CrashPoint } from './testing/crash-points.ts';
import type { Behaviour } from './testing/simulated-container.ts';
import { node } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { crashing, neverReady, open, proxied, published, serving, specOf, twoProxies, type Watched } from './testing/stories.ts';
import { callsToDieAt, seed } from './testing/sweep.ts';

const shop = { service: { name: 'shop' } };

const data = { volume: [{ source: './data', target: '/data' }] };

type Own = Parameters<typeof specOf>[0] & object;

function serviceOf({ service = {} }: Own) {
  return service;
}

/** Which services have containers, with their states. */
function running(simulation: Watched): string[] {
  return simulation.engine.all().map(({ kedge, state }) => `${kedge?.service} ${state}`);
}

/** What runs, by service and version. */
function serves(simulation: Watched): string[] {
  const up = simulation.engine.all().filter(({ state }) => state === 'running');
  const versionOf = (digest: string | undefined) => ['v1', 'v2', 'v3'].find((version) => digestOf(version) === digest);
  return up.map(({ kedge }) => `${kedge?.service} ${versionOf(kedge?.digest)}`).toSorted();
}

/** At how many moments more than one service ran, of one each 100 ms. */
async function seenTogether(simulation: Watched, forMs: number): Promise<number> {
  let together = 0;
  for (let atMs = 0; atMs < forMs; atMs += 100) {
    await simulation.settle({ untilMs: 100 });
    const up = running(simulation).filter((each) => each.endsWith(' running'));
    if (new Set(up).size > 1) together += 1;
  }
  return together;
}

describe('a service that gets another name and keeps its route', () => {
  it('serves under the old name until the new one does', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    simulation.guardCapacity(1);
    await simulation.declare(null, specOf({ ...shop, ...proxied }));
    await simulation.settle();
    assert.deepEqual(running(simulation), ['shop running']);
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
    assert.deepEqual(simulation.violations, []);
  });

  it('serves under either name wherever the process dies', async (t) => {
    t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
    const moved = async (crashes: readonly CrashPoint[]) => {
      const simulation = await serving(specOf(proxied), {}, twoProxies);
      simulation.guardCapacity(1);
      await simulation.declare(null, specOf({ ...shop, ...proxied }));
      const before = simulation.calls();
      await simulation.settle({ crashes });
      assert.deepEqual(running(simulation), ['shop running'], JSON.stringify(crashes));
      assert.deepEqual(simulation.violations, [], JSON.stringify(crashes));
      return simulation.calls() - before;
    };
    const calls = await moved([]);
    for (const call of callsToDieAt(calls, 8)) {
      for (const effect of ['before', 'within', 'after'] as const) await moved([{ call, effect }]);
    }
  });

  it('serves under the old name for as long as the new one does not', async () => {
    const simulation = await serving(specOf(proxied), { v2: neverReady }, twoProxies);
    simulation.guardCapacity(1);
    await simulation.accept('v2');
    await simulation.declare(null, specOf({ ...shop, ...proxied }));
    await simulation.settle({ untilMs: 600_000 });
    assert.ok(running(simulation).includes('web running'), running(simulation).join());
    assert.deepEqual(simulation.violations, []);

    await simulation.accept('v3');
    await simulation.settle();
    assert.deepEqual(running(simulation), ['shop running']);
    assert.deepEqual(simulation.violations, []);
  });

  it('leaves where the new one needs a port that the old one has, when its image is there', async () => {
    const simulation = await serving(specOf({ ...proxied, ...published }), {}, twoProxies);
    const { engine } = simulation;
    const { pull } = engine;
    let left: number | null = null;
    engine.pull = async (...given) => {
      left = running(simulation).length;
      return await pull(...given);
    };
    await simulation.accept('v1', 'other:1');
    await simulation.declare(null, specOf({ service: { name: 'shop', image: 'other:1' }, ...proxied, ...published }));
    await simulation.settle();
    assert.equal(left, 1, 'the old one runs while the image is pulled');
    assert.deepEqual(running(simulation), ['shop running']);
    assert.deepEqual(await simulation.record(), null);
  });

  const recreated = { service: { strategy: 'recreate' } };
  for (const [kind, own] of Object.entries({
    'a port': { ...proxied, ...published },
    'a volume': { ...proxied, ...data },
    'a volume, and no route': data,
    'nothing that may run beside another': { ...proxied, ...recreated },
  })) {
    it(`stays while nobody has the image of the new name, and leaves then: it has ${kind}`, async () => {
      const { service = {}, ...rest }: Readonly<Record<string, unknown>> & { readonly service?: Record<string, unknown> } = own;
      const simulation = await serving(specOf({ service, ...rest }), {}, twoProxies);
      const [old] = simulation.engine.all();
      await simulation.declare(null, specOf({ ...rest, service: { ...shop.service, ...service, image: 'absent:1' } }));
      await simulation.settle({ untilMs: 300_000 });
      assert.deepEqual(
        simulation.engine.all().map(({ id, state }) => [id, state]),
        [[old?.id, 'running']],
      );
      assert.equal((await simulation.record())?.leavingSince, undefined);
      await simulation.accept('v2', 'absent:1');
      await simulation.settle({ untilMs: 60_000 });
      assert.deepEqual(running(simulation), ['shop running']);
      assert.deepEqual([simulation.engine.clashes, simulation.violations], [[], []]);
    });
  }

  it('leaves to a service that serves its route already, although nothing may run beside it', async () => {
    const simulation = await serving(specOf({ ...proxied, ...recreated }), {}, twoProxies);
    await simulation.declare(specOf({ ...proxied, ...recreated }), specOf({ ...shop, proxy: { host: 'other.test', service_port: 80 } }));
    await simulation.settle();
    await simulation.declare(null, specOf({ ...shop, ...proxied }));
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(running(simulation), ['shop running']);
    assert.deepEqual(await simulation.record(), null);
  });

  for (const [kind, own] of Object.entries({ 'a port': published, 'a volume': data })) {
    it(`is split in two, of which the one with ${kind} has to be there first`, async () => {
      const simulation = await serving(specOf({ ...proxied, ...own }), {}, twoProxies);
      await simulation.declare(
        null,
        specOf({ ...shop, ...proxied, depends_on: { store: 'started' } }),
        specOf({ service: { name: 'store' }, ...own }),
      );
      for (let look = 0; look < 200; look += 1) {
        await simulation.settle({ untilMs: 100 });
        assert.equal(await isKnown(simulation), true, `at look ${look}`);
      }
      assert.deepEqual(running(simulation).toSorted(), ['shop running', 'store running']);
      assert.deepEqual(simulation.engine.clashes, []);
    });
  }

  it('leaves to one of two that take over the same, although nobody has the image of the other', async () => {
    const simulation = await serving(specOf(data));
    await simulation.declare(null, specOf({ ...shop, ...data }), specOf({ service: { name: 'work', image: 'absent:1' }, ...data }));
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(running(simulation), ['shop running']);
  });

  it('stays while the new name is being rolled out as something else, and nobody has the image of what it is to be', async () => {
    const simulation = await serving(specOf(data), { v2: { hasHealthCheck: true, readyAfterMs: 60_000 } });
    await simulation.accept('v2', 'slow:1');
    await simulation.declare(specOf(data), specOf({ service: { name: 'shop', image: 'slow:1' } }));
    await simulation.settle({ untilMs: 5_000 });
    await simulation.declare(null, specOf({ service: { name: 'shop', image: 'absent:1' }, ...data }));
    await simulation.settle({ untilMs: 300_000 });
    assert.ok(running(simulation).includes('web running'), running(simulation).join());
  });

  it('stays with all of a chain while the image of one of its names is missing', async () => {
    const on = (name: string, host: number, image = 'app:latest') => specOf({ service: { name, image }, port: [{ host, container: 80 }] });
    const simulation = await serving(on('web', 7000));
    await simulation.declare(on('web', 7000), on('shop', 7001), on('blog', 7002));
    await simulation.settle();
    const before = running(simulation);
    await simulation.declare(null, on('shop', 7000, 'absent:1'), on('blog', 7001), on('news', 7002));
    await simulation.settle({ untilMs: 300_000 });
    assert.deepEqual(running(simulation), before);
    await simulation.accept('v2', 'absent:1');
    await simulation.settle({ untilMs: 120_000 });
    const held = (await simulation.engine.published()).map(({ owner, host }) => [owner?.service, host] as const);
    assert.deepEqual(Object.fromEntries(held), { shop: 7000, blog: 7001, news: 7002 });
  });

  describe('that the new one can only have when it is gone', () => {
    const bound = { ...proxied, ...published };
    const absent = 'absent:1';
    const onIt = { service: { name: 'shop' }, ...proxied, depends_on: { cache: 'started' } };
    const cache = (image: string) => specOf({ service: { name: 'cache', image } });
    for (const [what, heirs] of [
      ['what that depends on has no image', [specOf({ ...onIt, ...published }), cache(absent)]],
      [
        'what that depends on has to have its port first, and something else has no image',
        [
          specOf({ ...onIt, depends_on: { cache: 'started', store: 'started' } }),
          specOf({ service: { name: 'store' }, ...published }),
          cache(absent),
        ],
      ],
      [
        'the image of that is missing, and a job is to have the port, too',
        [
          specOf({ service: { name: 'shop', image: absent }, ...bound }),
          specOf({ service: { name: 'report' }, ...published, dispenser: { watch: true, cron: '0 3 * * *' } }),
        ],
      ],
    ] as const) {
      it(`stays while ${what}, and no longer`, async () => {
        const simulation = await serving(specOf(bound), {}, twoProxies);
        await simulation.declare(null, ...heirs);
        await simulation.settle({ untilMs: 600_000 });
        assert.ok(running(simulation).includes('web running'), running(simulation).join());
        await simulation.accept('v1', absent);
        await simulation.settle();
        assert.ok(!running(simulation).includes('web running'), running(simulation).join());
        assert.ok(running(simulation).includes('shop running'), running(simulation).join());
        assert.deepEqual(simulation.violations, []);
      });
    }

    it('stays until the new one serves where that does not wait for it: what it depends on serves', async () => {
      const simulation = await serving(specOf(bound), { v2: neverReady }, twoProxies);
      await simulation.accept('v2', 'shop:latest');
      await simulation.declare(specOf(bound), cache('app:latest'));
      await simulation.settle();
      const heir = specOf({ ...onIt, service: { name: 'shop', image: 'shop:latest' } });
      await simulation.declare(null, heir, specOf({ service: { name: 'cache' }, ...published }));
      await simulation.settle({ untilMs: 600_000 });
      assert.ok(running(simulation).includes('web running'), running(simulation).join());
    });

    it('leaves where what the new one depends on has ended for good, and is mended by what it has', async () => {
      const simulation = await serving(specOf(bound), { e1: { readyAfterMs: 100, endsAfterMs: 5_000, exitCode: 0 } }, twoProxies);
      await simulation.accept('e1', 'ends:1');
      const [name, restart] = ['cache', 'on-failure'];
      await simulation.declare(specOf(bound), specOf({ service: { name, restart, image: 'ends:1' } }));
      await simulation.settle({ untilMs: 60_000 });
      assert.ok(running(simulation).includes('cache exited'), running(simulation).join());
      await simulation.declare(null, specOf(onIt), specOf({ service: { name, restart }, ...published }));
      await simulation.settle();
      assert.deepEqual(running(simulation).toSorted(), ['cache running', 'shop running']);
    });

    for (const [what, ends] of [
      ['is not healthy any more', {}],
      ['ends again and again', { endsAfterMs: 1_000, exitCode: 3 }],
    ] as const) {
      it(`leaves in the end where what the new one depends on ${what}, and is mended by what it has`, async () => {
        const behaviour: { readyAfterMs: number | null; hasHealthCheck: boolean } = { readyAfterMs: 100, hasHealthCheck: true };
        const simulation = await serving(specOf(bound), { e1: behaviour, h1: { hasHealthCheck: true } }, twoProxies);
        await simulation.accept('e1', 'sick:1');
        await simulation.accept('h1', 'well:1');
        await simulation.declare(specOf(bound), cache('sick:1'));
        await simulation.settle();
        Object.assign(behaviour, { readyAfterMs: null, ...ends });
        const heir = specOf({ ...onIt, depends_on: { cache: 'healthy' } });
        await simulation.declare(null, heir, specOf({ service: { name: 'cache', image: 'well:1' }, ...published }));
        await simulation.settle({ untilMs: 500_000 });
        assert.ok(running(simulation).includes('web running'), running(simulation).join());
        await simulation.settle({ untilMs: 300_000 });
        assert.deepEqual(running(simulation).toSorted(), ['cache running', 'shop running']);
      });
    }

    it('stays while a stranger has another port that the new one needs, and no longer', async () => {
      const simulation = await serving(specOf(bound), {}, twoProxies);
      simulation.engine.addForeign('nginx', [{ host: 9090, container: 80, protocol: 'tcp', hostIp: '0.0.0.0' }]);
      await simulation.declare(null, specOf({ ...shop, ...proxied, port: [...published.port, { host: 9090, container: 81 }] }));
      await simulation.settle({ untilMs: 600_000 });
      assert.ok(running(simulation).includes('web running'), running(simulation).join());
      simulation.engine.lose(simulation.engine.all().find(({ name }) => name === 'nginx')?.id ?? '');
      await simulation.settle();
      assert.deepEqual(running(simulation), ['shop running']);
      assert.deepEqual(simulation.violations, []);
    });
  });

  it('does not stay for what only a schedule starts', async () => {
    const simulation = await serving(specOf(data));
    await simulation.declare(null, specOf({ ...shop, ...data, dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } }));
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(simulation.engine.all(), []);
  });

  /** Whether anybody answers for the route: who serves, or requests that wait. */
  async function isKnown(simulation: Watched): Promise<boolean> {
    const entries = [...(await simulation.stores.endpoints.readAll(node)).values()].map(({ value }) => value);
    return entries.some((entry) => {
      const route = allRoutes(entry).find(({ host }) => host === 'web.test');
      return route && (route.rules?.pause !== undefined || entry.hold === true || entry.targets.some(({ state }) => state === 'ready'));
    });
  }

  for (const [kind, own] of Object.entries({ 'a port': published, 'a volume': data, 'both, and is slow': { ...published, ...data } })) {
    it(`has requests wait where the new name can only start after the old one: it has ${kind}`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      const behaviours = { v1: { readyAfterMs: kind.includes('slow') ? 20_000 : 300 } };
      const moved = async (crashes: readonly CrashPoint[]) => {
        const simulation = await serving(specOf({ ...proxied, ...own }), behaviours, twoProxies);
        await simulation.declare(null, specOf({ ...shop, ...proxied, ...own }));
        const before = simulation.calls();
        for (let look = 0; look < 400 && !running(simulation).includes('shop running'); look += 1) {
          await simulation.settle({ untilMs: 100, crashes: look === 0 ? crashes : [] });
          assert.ok(await isKnown(simulation), `${look} ${JSON.stringify(crashes)}`);
        }
        await simulation.settle();
        assert.deepEqual(running(simulation), ['shop running']);
        assert.deepEqual([await simulation.record(), await simulation.endpoints(), await isKnown(simulation)], [null, null, true]);
        assert.deepEqual(simulation.violations, []);
        return simulation.calls() - before;
      };
      const calls = await moved([]);
      for (const call of callsToDieAt(calls, 6)) await moved([{ call, effect: 'after' }]);
    });
  }

  const onHost = { network: [{ name: 'host' }] };
  for (const [kind, old, fresh] of [
    ['neither may run beside another', recreated, recreated],
    ['the old one may not run beside another', recreated, {}],
    ['the new one may not run beside another', {}, recreated],
    ["both are on the host's network", onHost, onHost],
  ] as const) {
    it(`never runs under both where ${kind}`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      const moved = async (crashes: readonly CrashPoint[]) => {
        const simulation = await serving(specOf({ ...proxied, ...old }), {}, twoProxies);
        await simulation.accept('v1', 'shop:1');
        await simulation.declare(
          null,
          specOf({ ...proxied, ...fresh, service: { ...('service' in fresh ? fresh.service : {}), name: 'shop', image: 'shop:1' } }),
        );
        const before = simulation.calls();
        for (let look = 0; look < 400 && !running(simulation).includes('shop running'); look += 1) {
          await simulation.settle({ untilMs: 50, crashes: look === 0 ? crashes : [] });
          assert.ok(await isKnown(simulation), `${look} ${JSON.stringify(crashes)}`);
          const up = running(simulation).filter((each) => each.endsWith('running'));
          assert.ok(up.length <= 1, `${up.join()} ${JSON.stringify(crashes)}`);
        }
        await simulation.settle();
        assert.deepEqual(running(simulation), ['shop running']);
        assert.deepEqual([await simulation.record(), simulation.violations], [null, []]);
        return simulation.calls() - before;
      };
      const calls = await moved([]);
      for (const call of callsToDieAt(calls, 6)) await moved([{ call, effect: 'after' }]);
    });
  }

  it('stays while the image is barred that the new name is to run, and leaves to a better one', async () => {
    const simulation = await serving(specOf({ ...proxied, ...published }), { bad: crashing }, twoProxies);
    await simulation.accept('bad');
    await simulation.settle({ untilMs: 300_000 });
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v1'));
    // Another try is for who can go back.
    for (const env of [{}, { A: 'b' }]) {
      await simulation.declare(null, specOf({ ...shop, ...proxied, ...published, env }));
      await simulation.settle({ untilMs: 600_000 });
      assert.deepEqual(running(simulation), ['web running']);
    }
    await simulation.accept('v3');
    await simulation.settle();
    assert.deepEqual(running(simulation), ['shop running']);
    assert.deepEqual([await simulation.record(), simulation.violations], [null, []]);
  });

  for (const [kind, own] of Object.entries({ 'a port': published, 'a volume': data, recreate: recreated })) {
    it(`stays when it gets the name while a bad image is taken back, and comes back first: it has ${kind}`, async () => {
      const simulation = await serving(specOf({ ...proxied, ...own }), { bad: crashing }, twoProxies);
      await simulation.accept('bad');
      while ((await simulation.record())?.rollout?.step !== 'restoring') await simulation.settle({ untilMs: 50 });
      assert.ok(!running(simulation).includes('web running'), running(simulation).join());
      const service = { ...('service' in own ? own.service : {}), ...shop.service };
      await simulation.declare(null, specOf({ ...proxied, ...own, service }));
      await simulation.settle({ untilMs: 600_000 });
      assert.deepEqual(
        running(simulation).filter((each) => each.endsWith('running')),
        ['web running'],
      );
      assert.equal(simulation.engine.all().find(({ state }) => state === 'running')?.kedge?.digest, digestOf('v1'));
      await simulation.accept('v3');
      await simulation.settle();
      assert.deepEqual(running(simulation), ['shop running']);
      assert.deepEqual([await simulation.record(), simulation.violations], [null, []]);
    });
  }

  it('leaves when what is taken back cannot come back', async () => {
    const simulation = await serving(specOf({ ...proxied, ...published }), { bad: crashing }, twoProxies);
    await simulation.accept('bad');
    while ((await simulation.record())?.rollout?.step !== 'restoring') await simulation.settle({ untilMs: 50 });
    let tries = 0;
    simulation.engine.start = async () => {
      tries += 1;
      throw new RetryableError('ENGINE_ERROR', 'it cannot be started');
    };
    await simulation.declare(null);
    await simulation.settle({ untilMs: 600_000 });
    assert.ok(tries > 0 && tries <= 30, `${tries}`);
    assert.deepEqual([simulation.engine.all(), await simulation.record(), simulation.violations], [[], null, []]);
  });

  it('is not waited for when what is taken back cannot come back', async () => {
    const simulation = await serving(specOf({ ...proxied, ...published }), { bad: crashing }, twoProxies);
    await simulation.accept('bad');
    while ((await simulation.record())?.rollout?.step !== 'restoring') await simulation.settle({ untilMs: 50 });
    simulation.engine.addForeign('nginx', [{ host: 8080, container: 80, protocol: 'tcp', hostIp: '0.0.0.0' }]);
    await simulation.declare(null, specOf({ service: { name: 'shop' }, ...proxied }));
    await simulation.accept('v3');
    await simulation.settle({ untilMs: 600_000 });
    assert.deepEqual(
      running(simulation).filter((each) => !each.startsWith('undefined')),
      ['shop running'],
    );
    assert.deepEqual([await simulation.record(), simulation.violations], [null, []]);
  });

  it('never writes beside the new name when it gets the old one back', async () => {
    const own = { ...proxied, ...data, gate: [{ type: 'tcp', port: 80, healthy_deadline: '60s' }] };
    const simulation = await serving(specOf(own), { slow: { readyAfterMs: 30_000 } }, twoProxies);
    await simulation.accept('slow', 'shop:1');
    await simulation.declare(null, specOf({ ...own, service: { name: 'shop', image: 'shop:1' } }));
    while (!running(simulation).includes('shop running')) await simulation.settle({ untilMs: 100 });
    assert.notEqual((await simulation.record())?.leavingSince, undefined);
    await simulation.declare(specOf({ ...own, drain: { timeout: '7s', dns_settle: '100ms' } }));
    await simulation.settle();
    assert.deepEqual(running(simulation), ['web running']);
    assert.deepEqual([simulation.engine.clashes, simulation.violations], [[], []]);
  });

  for (const [changed, back] of [
    ['drain', { drain: { timeout: '7s', dns_settle: '100ms' } }],
    ['dependencies', { depends_on: { store: 'started' } }],
  ] as const) {
    it(`gets the old one back with other ${changed} when the new one serves, and never writes beside that`, async () => {
      const own = { ...proxied, ...data, gate: [{ type: 'tcp', port: 80, healthy_deadline: '60s' }] };
      const store = specOf({ service: { name: 'store', image: 'store:1' } });
      const simulation = await serving(specOf(own), { slow: { readyAfterMs: 5_000 } }, twoProxies);
      await simulation.accept('v1', 'store:1');
      await simulation.accept('slow', 'shop:1');
      await simulation.declare(null, store, specOf({ ...own, service: { name: 'shop', image: 'shop:1' } }));
      await simulation.settle({ untilMs: 15_000 });
      assert.deepEqual(running(simulation).toSorted(), ['shop running', 'store running']);
      await simulation.declare(specOf({ ...own, ...back }), store);
      await simulation.settle();
      assert.deepEqual(running(simulation).toSorted(), ['store running', 'web running']);
      assert.deepEqual([simulation.engine.clashes, simulation.violations], [[], []]);
    });
  }

  for (const [what, own] of [
    ['runs beside nothing', { service: { strategy: 'recreate' } }],
    ["is on the host's network", { network: [{ name: 'host' }] }],
  ] as const) {
    it(`waits until the new one has stopped when it gets the old one back and ${what}`, async () => {
      const all = { ...proxied, ...own, gate: [{ type: 'tcp', port: 80, healthy_deadline: '60s' }] };
      for (const afterMs of [2_000, 4_000, 6_000, 8_000, 10_000]) {
        const simulation = await serving(specOf(all), { slow: { readyAfterMs: 5_000 } }, twoProxies);
        await simulation.accept('slow', 'shop:1');
        await simulation.declare(null, specOf({ ...all, service: { ...serviceOf(own), name: 'shop', image: 'shop:1' } }));
        await simulation.settle({ untilMs: afterMs });
        await simulation.declare(specOf(all));
        const together = await seenTogether(simulation, 30_000);
        assert.deepEqual([running(simulation), together, simulation.violations], [['web running'], 0, []], `after ${afterMs} ms`);
      }
    });
  }

  for (const [what, own] of [
    ['runs beside nothing', { service: { strategy: 'recreate' } }],
    ["is on the host's network", { network: [{ name: 'host' }] }],
  ] as const) {
    it(`waits until the old one has stopped when that never served and it ${what}`, async () => {
      const all = { ...proxied, ...own, gate: [{ type: 'tcp', port: 80, healthy_deadline: '60s' }] };
      for (const afterMs of [100, 400, 2_000]) {
        const simulation = await open({ v1: { readyAfterMs: 5_000 } }, twoProxies);
        await simulation.accept('v1');
        await simulation.declare(specOf(all));
        await simulation.settle({ untilMs: afterMs });
        await simulation.declare(null, specOf({ ...all, service: { ...serviceOf(own), ...shop.service } }));
        const together = await seenTogether(simulation, 30_000);
        assert.deepEqual([running(simulation), together, simulation.violations], [['shop running'], 0, []], `after ${afterMs} ms`);
      }
    });

    it(`waits until the old one has stopped when that was on its way already and it ${what}`, async () => {
      for (const afterMs of [100, 400, 800, 1_500]) {
        const simulation = await serving(specOf({ ...proxied, ...own }), {}, twoProxies);
        await simulation.declare(null);
        await simulation.settle({ untilMs: afterMs });
        await simulation.declare(null, specOf({ ...proxied, ...own, service: { ...serviceOf(own), ...shop.service } }));
        const together = await seenTogether(simulation, 20_000);
        assert.deepEqual([running(simulation), together, simulation.violations], [['shop running'], 0, []], `after ${afterMs} ms`);
      }
    });
  }

  describe('in the middle of a rollout that has stopped what served', () => {
    const heir = (own: Own, image: string) => specOf({ ...proxied, ...own, service: { ...own.service, name: 'shop', image } });

    /** The world at a moment at which web v1 is stopped, and v2 not there yet. */
    async function amidst(own: Own) {
      const simulation = await serving(specOf({ ...proxied, ...own }), { v2: { readyAfterMs: 3_000 } }, twoProxies);
      await simulation.accept('v2');
      while ((await simulation.record())?.rollout?.stopsSince === undefined) await simulation.settle({ untilMs: 100 });
      return simulation;
    }

    for (const [what, own] of [
      ['port', published],
      ['volume', data],
      ['time', { service: { strategy: 'recreate' } }],
    ] as const) {
      for (const afterMs of [0, 800, 1_500, 2_500]) {
        it(`keeps its ${what} until the new one can have it, ${afterMs} ms after it stopped`, async () => {
          const simulation = await amidst(own);
          await simulation.settle({ untilMs: afterMs });
          await simulation.declare(null, heir(own, 'absent:1'));
          await simulation.settle({ untilMs: 120_000 });
          assert.deepEqual(
            running(simulation).filter((each) => each.endsWith('running')),
            ['web running'],
          );
          await simulation.accept('v3', 'absent:1');
          await simulation.settle();
          assert.deepEqual(running(simulation), ['shop running']);
          assert.deepEqual([simulation.engine.clashes, simulation.violations], [[], []]);
        });
      }
    }

    for (const [what, own, before] of [
      ['port', published, {}],
      ['volume', data, {}],
      ['time', { service: { strategy: 'recreate' } }, { service: { strategy: 'recreate' } }],
      ['route', {}, {}],
    ] as const) {
      it(`keeps its ${what} until one that served elsewhere can have it`, async () => {
        const elsewhere = { proxy: { host: 'other.test', service_port: 80 } };
        const simulation = await open({ v2: { readyAfterMs: 3_000 } }, twoProxies);
        const web = specOf({ ...proxied, ...(what === 'route' ? published : own) });
        const store = specOf({ ...elsewhere, ...before, service: { ...serviceOf(before), name: 'shop', image: 'shop:1' } });
        await simulation.accept('v1');
        await simulation.accept('v1', 'shop:1');
        await simulation.declare(web, store);
        await simulation.settle();
        await simulation.accept('v2');
        while (serves(simulation).includes('web v1')) await simulation.settle({ untilMs: 50 });
        await simulation.declare(null, heir(own, 'absent:1'));
        await simulation.settle({ untilMs: 120_000 });
        assert.deepEqual(serves(simulation), ['shop v1', 'web v1']);
        await simulation.accept('v3', 'absent:1');
        await simulation.settle();
        assert.deepEqual(running(simulation), ['shop running']);
        assert.deepEqual([simulation.engine.clashes, simulation.violations], [[], []]);
      });
    }

    for (const what of ['untouched', 'rolled', 'killed'] as const) {
      it(`keeps a volume beside who shares it on purpose, until the new one can have it: that one is ${what}`, async () => {
        const store = specOf({ ...data, service: { name: 'store', image: 'store:1' } });
        const simulation = await open({ v2: { readyAfterMs: 8_000 } }, twoProxies);
        await simulation.accept('v1');
        await simulation.accept('v1', 'store:1');
        await simulation.declare(specOf({ ...proxied, ...data }), store);
        await simulation.settle();
        await simulation.accept('v2');
        while (serves(simulation).includes('web v1')) await simulation.settle({ untilMs: 50 });
        if (what === 'rolled') await simulation.accept('v3', 'store:1');
        if (what === 'killed') simulation.engine.kill(simulation.engine.all().find(({ kedge }) => kedge?.service === 'store')?.id ?? '');
        await simulation.settle({ untilMs: 3_000 });
        await simulation.declare(null, store, heir(data, 'absent:1'));
        await simulation.settle({ untilMs: 120_000 });
        assert.deepEqual(serves(simulation), [what === 'rolled' ? 'store v3' : 'store v1', 'web v1']);
        await simulation.accept('v3', 'absent:1');
        await simulation.settle();
        assert.deepEqual(running(simulation).toSorted(), ['shop running', 'store running']);
        assert.deepEqual(simulation.violations, []);
      });
    }

    it('gives it up where the new one has its image, wherever the process dies', async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      const moved = async (crashes: readonly CrashPoint[]) => {
        const simulation = await amidst(published);
        await simulation.accept('v3', 'shop:1');
        await simulation.declare(null, heir(published, 'shop:1'));
        const before = simulation.calls();
        await simulation.settle({ crashes });
        assert.deepEqual(running(simulation), ['shop running'], JSON.stringify(crashes));
        assert.deepEqual([simulation.engine.clashes, simulation.violations], [[], []], JSON.stringify(crashes));
        return simulation.calls() - before;
      };
      const calls = await moved([]);
      for (const call of callsToDieAt(calls, 8)) {
        for (const effect of ['before', 'within', 'after'] as const) await moved([{ call, effect }]);
      }
    });

    for (const [what, own] of [
      ['port', published],
      ['volume', data],
      ['time', { service: { strategy: 'recreate' } }],
    ] as const) {
      it(`leaves its ${what} to the new one that was looked at first`, async () => {
        const simulation = await amidst(own);
        await simulation.accept('v3', 'shop:1');
        await simulation.declare(null, heir(own, 'shop:1'));
        for (let looks = 0; looks < 4 && !running(simulation).includes('shop running'); looks += 1) await simulation.lookAt('shop');
        const together = await seenTogether(simulation, 60_000);
        assert.deepEqual([running(simulation), together], [['shop running'], 0]);
        assert.deepEqual([simulation.engine.clashes, simulation.violations], [[], []]);
      });

      if (own === published) continue;
      it(`does not come back for its ${what} when the new one started while the verdict was made`, async () => {
        const simulation = await serving(
          specOf({ ...proxied, ...own, service: { ...serviceOf(own), restart: 'no' } }),
          { v2: crashing },
          twoProxies,
        );
        await simulation.accept('v3', 'shop:1');
        const { logs } = simulation.engine;
        simulation.engine.logs = async (...given) => {
          simulation.engine.logs = logs;
          await simulation.declare(null, heir(own, 'shop:1'));
          for (let looks = 0; looks < 4 && !running(simulation).includes('shop running'); looks += 1) await simulation.lookAt('shop');
          return await logs(...given);
        };
        await simulation.accept('v2');
        const together = await seenTogether(simulation, 60_000);
        assert.deepEqual([running(simulation), together], [['shop running'], 0]);
        assert.deepEqual([simulation.engine.clashes, simulation.violations], [[], []]);
      });
    }

    it('costs no time where the new one has its image', async () => {
      const simulation = await serving(
        specOf({ ...proxied, ...published }),
        { v1: { readyAfterMs: 30_000 }, v2: { readyAfterMs: 3_000 } },
        twoProxies,
      );
      await simulation.accept('v3', 'shop:1');
      await simulation.accept('v2');
      while (!running(simulation).includes('web exited')) await simulation.settle({ untilMs: 100 });
      await simulation.declare(null, heir(published, 'shop:1'));
      await simulation.settle({ untilMs: 2_000 });
      assert.deepEqual(running(simulation), ['shop running']);
    });

    it('costs no more time where the name came back in between', async () => {
      const simulation = await serving(
        specOf({ ...proxied, ...published }),
        { v1: { readyAfterMs: 15_000 }, v2: { readyAfterMs: 20_000 } },
        twoProxies,
      );
      await simulation.accept('v3', 'shop:1');
      await simulation.accept('v2');
      while (!running(simulation).includes('web exited')) await simulation.settle({ untilMs: 50 });
      await simulation.declare(null, heir(published, 'absent:1'));
      await simulation.settle({ untilMs: 300 });
      await simulation.declare(specOf({ ...proxied, ...published }));
      await simulation.settle({ untilMs: 1_500 });
      await simulation.declare(null, heir(published, 'shop:1'));
      await simulation.settle({ untilMs: 1_500 });
      assert.deepEqual(running(simulation), ['shop running']);
    });

    it('comes back where the new name had its place before, and had left it', async () => {
      const simulation = await serving(specOf({ ...proxied, ...published }), { v2: { readyAfterMs: 8_000 } }, twoProxies);
      await simulation.declare(null, heir(published, 'app:latest'));
      await simulation.settle({ untilMs: 30_000 });
      assert.deepEqual(running(simulation), ['shop running']);
      await simulation.declare(specOf({ ...proxied, ...published }));
      await simulation.settle({ untilMs: 600_000 });
      await simulation.accept('v2');
      while (!running(simulation).includes('web exited')) await simulation.settle({ untilMs: 50 });
      await simulation.declare(null, heir(published, 'absent:1'));
      await simulation.settle({ untilMs: 60_000 });
      assert.deepEqual(running(simulation), ['web running']);
    });

    it('comes back beside the new one that takes its route alone, and does not serve', async () => {
      const gate = [{ type: 'tcp', port: 80, healthy_deadline: '60s' }];
      const simulation = await serving(
        specOf({ ...proxied, ...published, gate }),
        { v1: { readyAfterMs: 10_000 }, v2: crashing, v3: neverReady },
        twoProxies,
      );
      await simulation.accept('v3', 'shop:1');
      await simulation.accept('v2');
      while ((await simulation.record())?.rollout?.step !== 'restoring') await simulation.settle({ untilMs: 100 });
      await simulation.settle({ untilMs: 5_000 });
      await simulation.declare(null, specOf({ ...proxied, gate, service: { name: 'shop', image: 'shop:1' } }));
      await simulation.settle({ untilMs: 30_000 });
      assert.ok(running(simulation).includes('web running'), running(simulation).join());
      assert.deepEqual(
        (await simulation.endpoints())?.targets.map(({ state }) => state),
        ['ready'],
      );
      assert.deepEqual(simulation.violations, []);
    });

    it('starts nothing where nobody takes its place', async () => {
      const simulation = await amidst(published);
      const started: string[] = [];
      const { start } = simulation.engine;
      simulation.engine.start = async (...given) => {
        started.push(given[0]);
        await start(...given);
      };
      await simulation.declare(null, specOf({ service: { name: 'other', image: 'absent:1' } }));
      await simulation.settle({ untilMs: 120_000 });
      assert.deepEqual([running(simulation), started, await simulation.record()], [[], [], null]);
    });
  });

  it('is there without the time that callers of the old name would have had', async () => {
    const own = { ...proxied, ...published, drain: { timeout: '5s', dns_settle: '20s' } };
    const simulation = await serving(specOf(own), {}, twoProxies);
    await simulation.declare(null, specOf({ ...shop, ...own }));
    await simulation.settle({ untilMs: 12_000 });
    assert.deepEqual(running(simulation), ['shop running']);
  });

  it('is waited for no longer than two minutes', async () => {
    const simulation = await serving(specOf({ ...proxied, ...published }), { v2: neverReady }, twoProxies);
    await simulation.accept('v2');
    await simulation.declare(null, specOf({ ...shop, ...proxied, ...published, gate: [{ type: 'tcp', port: 80 }] }));
    await simulation.settle({ untilMs: 60_000 });
    assert.equal(await isKnown(simulation), true);
    await simulation.settle({ untilMs: 600_000 });
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
    assert.deepEqual(simulation.violations, []);
  });

  it('is waited for no longer than that where nothing of the old one was left', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    const { engine } = simulation;
    engine.images.clear();
    engine.pull = async () => {
      await simulation.declare(null, specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied }));
      throw new RetryableError('PULL_FAILED', 'the registry is away');
    };
    for (const { id } of engine.all()) engine.lose(id);
    await simulation.settle({ untilMs: 5_000 });
    assert.deepEqual([(await simulation.endpoints())?.hold, engine.all()], [true, []]);
    await simulation.settle({ untilMs: 200_000 });
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
  });

  for (const requestsLastMs of [0, 12_000]) {
    it(`is waited for also where the old name is declared again at once, as something else (requests last ${requestsLastMs} ms)`, async () => {
      const [rolling, at] = [{ drain: { timeout: '30s', dns_settle: '500ms' } }, { ...proxied, ...published }];
      const heir = specOf({ ...shop, ...at });
      const proxies = [{ instance: 'p1', applyAfterMs: 300, requestsLastMs }];
      const simulation = await serving(specOf({ ...at, ...rolling }), { v1: { readyAfterMs: 3_000 } }, proxies);
      await simulation.declare(null, heir);
      while ((await simulation.record())?.leavingSince === undefined) await simulation.settle({ untilMs: 50 });
      await simulation.declare(specOf({ service: { memory: '64m' } }), heir);
      for (let look = 0; look < 400; look += 1) {
        await simulation.settle({ untilMs: 100 });
        assert.equal(await isKnown(simulation), true, `at look ${look}`);
      }
      assert.deepEqual(running(simulation).toSorted(), ['shop running', 'web running']);
      assert.deepEqual(simulation.violations, []);
    });
  }

  it('is not waited for without end where the old name is declared again, as something else', async () => {
    const heir = specOf({ ...shop, ...proxied, ...published, gate: [{ type: 'tcp', port: 80 }] });
    const simulation = await serving(specOf({ ...proxied, ...published }), { v2: neverReady }, twoProxies);
    await simulation.accept('v2', 'shop:latest');
    await simulation.declare(null, heir);
    await simulation.settle({ untilMs: 2_000 });
    await simulation.declare(specOf({ service: { memory: '64m' } }), heir);
    await simulation.settle({ untilMs: 30_000 });
    assert.ok(running(simulation).includes('web running'), running(simulation).join());
    assert.deepEqual(simulation.violations, []);
  });

  for (const [kind, spec] of Object.entries({ routed: { ...proxied, ...data }, internal: data })) {
    it(`never writes to a volume under both names (${kind}), wherever the process dies`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      const moved = async (crashes: readonly CrashPoint[]) => {
        const simulation = await serving(specOf(spec), {}, twoProxies);
        await simulation.declare(null, specOf({ ...shop, ...spec }));
        const before = simulation.calls();
        await simulation.settle({ crashes });
        assert.deepEqual(running(simulation), ['shop running'], JSON.stringify(crashes));
        assert.deepEqual(simulation.engine.clashes, [], JSON.stringify(crashes));
        return simulation.calls() - before;
      };
      const calls = await moved([]);
      for (const call of callsToDieAt(calls, 6)) await moved([{ call, effect: 'after' }]);
    });
  }

  for (const source of ['./data', './data/', '/host/config/data']) {
    it(`leaves its volume to the new name although nothing is remembered of it (there it is ${source})`, async () => {
      const simulation = await serving(specOf({ ...proxied, ...data }), {}, twoProxies);
      await simulation.declare(null, specOf({ ...shop, ...proxied, volume: [{ source, target: '/data' }] }));
      await simulation.forgetRecord();
      await simulation.settle({ untilMs: 120_000 });
      assert.deepEqual(running(simulation), ['shop running']);
      assert.deepEqual(simulation.engine.clashes, []);
    });
  }

  it('writes beside the old name where both stay declared: they share the volume on purpose', async () => {
    const simulation = await serving(specOf({ ...proxied, ...data }), {}, twoProxies);
    await simulation.declare(specOf({ ...proxied, ...data }), specOf({ ...shop, ...data }));
    await simulation.settle();
    assert.deepEqual(running(simulation).toSorted(), ['shop running', 'web running']);
    assert.equal(simulation.engine.clashes.length, 1, 'the simulation sees it');
  });

  describe('in the middle of a rollout', () => {
    const spec = specOf({ service: { replicas: 2 }, ...proxied });
    const heir = specOf({ service: { name: 'shop', image: 'shop:latest', replicas: 2 }, ...proxied });

    /** Who runs, and which version of it. */
    const versions = ({ engine }: Watched) =>
      engine
        .all()
        .map(({ kedge }) => `${kedge?.service} ${['v1', 'v2', 'v3'].find((version) => digestOf(version) === kedge?.digest)}`)
        .toSorted();

    /** v1 serves and v2 is on its way for so long, when the name changes; the new one has an image that never comes. */
    async function renamed(v2: Partial<Behaviour>, afterMs: number): Promise<Watched> {
      const simulation = await serving(spec, { v2 }, twoProxies);
      simulation.guardCapacity(2);
      await simulation.accept('v2');
      await simulation.settle({ untilMs: afterMs });
      await simulation.declare(null, heir);
      return simulation;
    }

    it('keeps what serves, and nothing that the rollout made', async () => {
      const simulation = await renamed(neverReady, 5_000);
      assert.deepEqual(versions(simulation), ['web v1', 'web v1', 'web v2', 'web v2']);
      await simulation.settle({ untilMs: 20_000 });
      assert.deepEqual(versions(simulation), ['web v1', 'web v1']);

      await simulation.accept('v3', 'shop:latest');
      await simulation.settle();
      assert.deepEqual(versions(simulation), ['shop v3', 'shop v3']);
      assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
      assert.deepEqual(simulation.violations, []);
    });

    it('keeps what serves by then, however far the rollout was', async () => {
      for (let afterMs = 0; afterMs <= 8_000; afterMs += 1_000) {
        const simulation = await renamed({}, afterMs);
        await simulation.settle({ untilMs: 60_000 });
        const ready = (await simulation.endpoints())?.targets.filter(({ state }) => state === 'ready').map(({ id }) => id);
        const running = simulation.engine.all().filter(({ state }) => state === 'running');
        assert.equal(ready?.length, 2, `after ${afterMs} ms`);
        assert.ok(
          ready.every((each) => running.some(({ id }) => id === each)),
          `after ${afterMs} ms`,
        );
        await simulation.accept('v3', 'shop:latest');
        await simulation.settle();
        assert.deepEqual(versions(simulation), ['shop v3', 'shop v3'], `after ${afterMs} ms`);
        assert.deepEqual(simulation.violations, [], `after ${afterMs} ms`);
      }
    });

    it('is removed without the new name as well', async () => {
      const simulation = await renamed(neverReady, 5_000);
      await simulation.settle({ untilMs: 20_000 });
      simulation.guardCapacity(null);
      await simulation.declare(null);
      await simulation.settle();
      assert.deepEqual(versions(simulation), []);
      assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
      assert.deepEqual(simulation.violations, []);
    });

    it('begins the rollout anew where the old name comes back', async () => {
      const simulation = await renamed({}, 500);
      await simulation.settle({ untilMs: 1_000 });
      await simulation.declare(spec);
      await simulation.settle();
      assert.deepEqual(versions(simulation), ['web v2', 'web v2']);
      assert.deepEqual(simulation.violations, []);
    });
  });

  it('leaves under the old name when its container ends meanwhile', async () => {
    const simulation = await serving(specOf(proxied), { v2: neverReady }, twoProxies);
    await simulation.accept('v2');
    await simulation.declare(null, specOf({ ...shop, ...proxied }));
    await simulation.settle({ untilMs: 5_000 });
    simulation.engine.lose(simulation.engine.all().find(({ kedge }) => kedge?.service === 'web')?.id ?? '');
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual((await simulation.endpoints())?.hold, true, 'the new one is waited for');
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
  });
});

describe('a route that moves from a service that stays', () => {
  const otherHost = { proxy: { host: 'other.test', service_port: 80 } };

  /** Which service each host leads to, by what the reconciler wrote. */
  async function hosts({ stores }: Watched): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const { value } of (await stores.endpoints.readAll(node)).values()) {
      if (!value.targets.some(({ state }) => state === 'ready')) continue;
      for (const { host } of value.routes) found[host] = [...(found[host] ?? []), value.service];
    }
    return found;
  }

  it('is answered as before until the other one serves it, for as long as that takes', async () => {
    const simulation = await serving(specOf(proxied), { v2: neverReady }, twoProxies);
    await simulation.accept('v2', 'shop:latest');
    await simulation.declare(specOf(otherHost), specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied }));
    await simulation.settle({ untilMs: 600_000 });
    assert.deepEqual(await hosts(simulation), { 'other.test': ['web'], 'web.test': ['web'] });

    await simulation.accept('v3', 'shop:latest');
    await simulation.settle();
    assert.deepEqual(await hosts(simulation), { 'other.test': ['web'], 'web.test': ['shop'] });
    assert.deepEqual(simulation.violations, []);
  });

  it('is one route, however often it is looked at, while the service that gives it up has another release to come', async () => {
    const simulation = await serving(specOf(proxied), { v2: neverReady }, twoProxies);
    await simulation.accept('v2', 'shop:latest');
    await simulation.declare(
      specOf({ ...otherHost, service: { image: 'new:latest' } }),
      specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied }),
    );
    for (let look = 0; look < 20; look += 1) {
      await simulation.settle({ untilMs: 500 });
      assert.deepEqual((await simulation.endpoints())?.routes, [{ host: 'web.test', path: '/' }]);
    }
    assert.deepEqual(simulation.violations, []);
  });

  it('has somebody who answers at every moment of an exchange, wherever the process dies', async (t) => {
    t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
    const exchanged = async (crashes: readonly CrashPoint[]) => {
      const simulation = await serving(specOf(proxied), {}, twoProxies);
      const shopSpec = specOf({ ...shop, ...otherHost });
      await simulation.declare(specOf(proxied), shopSpec);
      await simulation.settle();
      await simulation.declare(specOf(otherHost), specOf({ ...shop, ...proxied }));
      const before = simulation.calls();
      for (let look = 0; look < 40; look += 1) {
        await simulation.settle({ crashes: look === 0 ? crashes : [], untilMs: 50 });
        assert.deepEqual(Object.keys(await hosts(simulation)).toSorted(), ['other.test', 'web.test'], `at look ${look}`);
      }
      await simulation.settle();
      assert.deepEqual(await hosts(simulation), { 'other.test': ['web'], 'web.test': ['shop'] });
      return simulation.calls() - before;
    };
    const calls = await exchanged([]);
    for (const call of callsToDieAt(calls, 5)) await exchanged([{ call, effect: 'after' }]);
  });

  /** Which hosts somebody answers for, and for which requests wait. */
  async function known({ stores }: Watched): Promise<string[]> {
    const found = [...(await stores.endpoints.readAll(node)).values()].flatMap(({ value }) => {
      const isReady = value.targets.some(({ state }) => state === 'ready');
      return allRoutes(value).filter(({ rules }) => rules?.pause !== undefined || isReady);
    });
    return [...new Set(found.map(({ host }) => host))].toSorted();
  }

  for (const [kind, heirs] of Object.entries({ good: {}, 'slow, or never there': { v3: neverReady } })) {
    it(`is waited for when the service that gives it up rolls out something else with that: the heir is ${kind}`, async (t) => {
      t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
      const exchanged = async (crashes: readonly CrashPoint[]) => {
        const simulation = await serving(specOf(proxied), heirs, twoProxies);
        await simulation.accept('v2', 'shop:latest');
        const as = (name: string, host: string, env: object) =>
          specOf({ service: { name, image: name === 'shop' ? 'shop:latest' : 'app:latest' }, proxy: { host, service_port: 80 }, ...env });
        await simulation.declare(as('web', 'web.test', {}), as('shop', 'other.test', {}));
        await simulation.settle();
        if (kind !== 'good') await simulation.accept('v3', 'shop:latest');
        await simulation.declare(as('web', 'other.test', { env: { A: '1' } }), as('shop', 'web.test', { env: { A: '1' } }));
        const before = simulation.calls();
        for (let look = 0; look < 100; look += 1) {
          await simulation.settle({ crashes: look === 0 ? crashes : [], untilMs: 50 });
          assert.deepEqual(await known(simulation), ['other.test', 'web.test'], `at look ${look} ${JSON.stringify(crashes)}`);
        }
        await simulation.settle();
        assert.deepEqual(await known(simulation), ['other.test', 'web.test']);
        if (kind === 'good') assert.deepEqual(await hosts(simulation), { 'other.test': ['web'], 'web.test': ['shop'] });
        assert.deepEqual(simulation.violations, []);
        return simulation.calls() - before;
      };
      const calls = await exchanged([]);
      for (const call of callsToDieAt(calls, 5)) await exchanged([{ call, effect: 'after' }]);
    });
  }

  it('is waited for also when the release that had it was about to take its own place, and is replaced itself', async () => {
    const simulation = await serving(specOf(proxied), { v2: neverReady }, twoProxies);
    await simulation.accept('v2', 'shop:latest');
    await simulation.declare(specOf(otherHost));
    await simulation.settle();
    await simulation.declare(specOf({ ...proxied, env: { A: '2' } }));
    for (let look = 0; look < 200 && (await simulation.record())?.rollout?.step !== 'switched'; look += 1)
      await simulation.settle({ untilMs: 50 });
    const heir = specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied });
    await simulation.declare(specOf({ ...otherHost, env: { A: '3' } }), heir);
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(await hosts(simulation), { 'other.test': ['web'] }, 'nobody answers for what he never had');
    assert.deepEqual(await known(simulation), ['other.test', 'web.test']);
  });

  it('is not taken back from the service that serves it, by an older release that had it', async () => {
    const simulation = await serving(specOf(proxied), { bad: crashing }, twoProxies);
    await simulation.accept('bad');
    await simulation.accept('v3', 'shop:latest');
    const heir = specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied });
    await simulation.declare(specOf({ ...otherHost, env: { A: '1' } }), heir);
    await simulation.settle();
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v1'), 'the newer one is barred');
    for (const { id, kedge } of simulation.engine.all()) if (kedge?.service === 'web') simulation.engine.lose(id);
    await simulation.settle();
    assert.ok(running(simulation).includes('web running'));
    assert.deepEqual(await hosts(simulation), { 'web.test': ['shop'] });
    assert.deepEqual(simulation.violations, []);
  });

  it('is not held for a service that gives it up once the other one serves it', async () => {
    const simulation = await serving(specOf({ ...proxied, ...data }), { v2: { readyAfterMs: 40_000 } }, twoProxies);
    await simulation.accept('v2');
    await simulation.accept('v3', 'shop:latest');
    const heir = specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied });
    await simulation.declare(specOf({ ...otherHost, ...data }), heir);
    await simulation.settle({ untilMs: 15_000 });
    const { hold, routes } = (await simulation.endpoints()) ?? {};
    assert.deepEqual([hold, routes], [true, []]);
    await simulation.settle();
    assert.deepEqual(await hosts(simulation), { 'other.test': ['web'], 'web.test': ['shop'] });
    assert.deepEqual(simulation.violations, []);
  });

  it('keeps nobody from leaving while requests wait for somebody who never comes', async () => {
    const simulation = await serving(specOf(proxied), { v2: neverReady }, twoProxies);
    await simulation.accept('v2', 'shop:latest');
    const heir = specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied, gate: [{ type: 'tcp', port: 80 }] });
    await simulation.declare(specOf({ ...otherHost, env: { A: '1' } }), heir);
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(await known(simulation), ['other.test', 'web.test']);
    await simulation.declare(null, heir);
    await simulation.settle({ untilMs: 60_000 });
    assert.ok(!running(simulation).includes('web running'), running(simulation).join());
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
    assert.deepEqual(simulation.violations, []);
  });

  it('is never answered by what another release of the service is: names may be exchanged', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    const as = (name: string, image: string, host: string) => specOf({ service: { name, image }, proxy: { host, service_port: 80 } });
    await simulation.accept('v2', 'shop:latest');
    await simulation.declare(as('web', 'app:latest', 'web.test'), as('shop', 'shop:latest', 'shop.test'));
    await simulation.settle();
    await simulation.declare(as('web', 'shop:latest', 'shop.test'), as('shop', 'app:latest', 'web.test'));
    const versions = { 'web.test': digestOf('v1'), 'shop.test': digestOf('v2') };
    for (let look = 0; look < 200; look += 1) {
      await simulation.settle({ untilMs: 50 });
      for (const { value } of (await simulation.stores.endpoints.readAll(node)).values()) {
        const ready = value.targets.filter(({ state }) => state === 'ready').map(({ id }) => id);
        const served = simulation.engine
          .all()
          .filter(({ id }) => ready.includes(id))
          .map(({ kedge }) => kedge?.digest);
        for (const { host } of value.routes)
          if (host === 'web.test' || host === 'shop.test')
            assert.ok(
              served.every((digest) => digest === versions[host]),
              `${host} at look ${look}`,
            );
      }
    }
  });

  it('is given up by a service that has no routes any more, once the other one serves it', async () => {
    const simulation = await serving(specOf(proxied), { v2: neverReady }, twoProxies);
    await simulation.accept('v2', 'shop:latest');
    await simulation.declare(specOf(), specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied }));
    await simulation.settle({ untilMs: 300_000 });
    assert.deepEqual(await hosts(simulation), { 'web.test': ['web'] });
    await simulation.accept('v3', 'shop:latest');
    await simulation.settle();
    assert.deepEqual(await hosts(simulation), { 'web.test': ['shop'] });
  });
});
