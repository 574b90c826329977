import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { allRoutes, hasReached, RoutesChanged, type ServiceSpec, serviceKey } from '@kedge/shared/contracts';
import { node, web } from './testing/simulated-proxies.ts';
import { assertServes, drain, neverReady, open, proxied, said, serving, specOf, twoProxies, type Watched } from './testing/stories.ts';

/** The process dies after it wrote a table and before it told anybody. */
const untold = [{ of: 'publish routes.changed', call: 1, effect: 'before' }] as const;

/** Lets time go by until there is no table any more; gives what each proxy had applied by then. */
async function watchForget({ stores, settle }: Watched): Promise<readonly (string | undefined)[]> {
  while (await stores.endpoints.get(serviceKey(node, web))) await settle({ untilMs: 1 });
  return [...(await stores.proxies.readAll(node)).values()].map(({ value }) => value.applied[web]);
}

describe('the proxies', () => {
  it('are told of the switch although the process died between the table and the event', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    const [before = 0] = said(simulation, 'routes.changed');
    await simulation.accept('v2');
    await simulation.settle({ crashes: untold });
    await assertServes(simulation, spec, 'v2');
    // One for the switch, one for the table without the old release.
    assert.deepEqual(said(simulation, 'routes.changed'), [before + 2]);
    const ended = simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1')?.data;
    assert.partialDeepStrictEqual(ended, { drained: true, openRequests: 0 });
  });

  it('are told before a replica too many leaves, although the bound passed while nobody was there to tell them', async () => {
    const hasty = { ...proxied, drain: { ...drain, timeout: '400ms', dns_settle: '0s' } };
    const simulation = await serving(specOf({ service: { replicas: 2 }, ...hasty }), {}, [
      { instance: 'p1', applyAfterMs: 300, requestsLastMs: 0 },
    ]);
    const fewer = specOf({ service: { replicas: 1 }, ...hasty });
    await simulation.declare(fewer);
    await simulation.settle({ crashes: untold });
    await assertServes(simulation, fewer, 'v1');
  });

  it('are told of a removal although the process died before it could', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.declare(null);
    await simulation.settle({ crashes: untold });
    assert.deepEqual(simulation.engine.all(), []);
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
    assert.deepEqual(simulation.violations, []);
  });

  it('know the empty table of a removed service before it is forgotten', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.declare(null);
    const applied = await watchForget(simulation);
    const last = simulation.events.findLast(({ type }) => type === 'routes.changed.v1')?.data;
    const { revision } = RoutesChanged.parse(last);
    assert.deepEqual(
      applied.map((each) => hasReached(each, revision)),
      [true, true],
    );
  });

  it('keep no removed service from being forgotten when they learn nothing any more', async () => {
    const [healthy] = twoProxies;
    const deaf = { instance: 'p2', applyAfterMs: 3_600_000, requestsLastMs: 0 };
    const simulation = await serving(specOf(proxied), {}, healthy ? [healthy, deaf] : [deaf]);
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
  });

  it('are sent to another port once somebody answers there', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, { v1: { listensOn: [80] }, v2: { listensOn: [81] } }, twoProxies);
    const moved = specOf({ proxy: { host: 'web.test', service_port: 81 } });
    await simulation.declare(moved);
    await simulation.settle({ untilMs: 60_000 });
    const { waiting } = (await simulation.record()) ?? {};
    assert.equal(waiting?.code, 'PORT_UNANSWERED');
    assert.match(waiting.message, /service_port 81 .*requests go to port 80 as before/);
    assert.deepEqual(
      (await simulation.endpoints())?.targets.map(({ port, state }) => [port, state]),
      [[80, 'ready']],
    );

    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, moved, 'v2');
    assert.equal((await simulation.record())?.waiting, undefined);
  });

  it('keep the routes of what serves when those changed without a rollout and the next image is bad', async () => {
    const simulation = await serving(specOf(proxied), { v2: neverReady }, twoProxies);
    const moved = specOf({ proxy: { host: 'moved.test', service_port: 80 } });
    await simulation.declare(moved);
    await simulation.settle();
    await simulation.declare(specOf({ service: { image: 'app:next' }, proxy: { host: 'next.test', service_port: 80 } }));
    await simulation.accept('v2', 'app:next');
    await simulation.settle();
    assert.deepEqual(
      (await simulation.endpoints())?.routes.map(({ host }) => host),
      ['moved.test'],
    );
  });

  describe('while the declared release is barred', () => {
    const allow = ['10.0.0.0/8'];
    const before = { host: 'web.test', service_port: 80, strip_prefix: true };
    const refused = { image: 'app:next' };
    const ruled = (rules: Record<string, unknown>, changes: Record<string, unknown> = {}) =>
      specOf({ service: refused, ruled_proxy: { ...before, ...rules, ...changes } });
    const maintenance = { status: 503 };

    /** What the table says of each route. */
    async function rulesOf(simulation: Watched) {
      const entry = await simulation.endpoints();
      return Object.fromEntries(allRoutes(entry ?? { routes: [] }).map(({ host, path, rules = {} }) => [`${host}${path}`, rules]));
    }

    /** v1 serves; v2 was declared together with `first`, and cannot become fit. */
    async function barred(first: ServiceSpec): Promise<Watched> {
      const simulation = await open({ v2: neverReady }, twoProxies);
      await simulation.declare(specOf({ ruled_proxy: before }));
      await simulation.accept('v1');
      await simulation.settle();
      assert.deepEqual(await rulesOf(simulation), { 'web.test/': { rewrite: '/' } });
      await simulation.declare(first);
      await simulation.accept('v2', 'app:next');
      await simulation.settle();
      assert.deepEqual(said(simulation, 'release.barred'), [1]);
      return simulation;
    }

    it('rules hold that were declared with it, and those declared later, until they are declared no more', async () => {
      const simulation = await barred(ruled({ allow }));
      assert.deepEqual(await rulesOf(simulation), { 'web.test/': { rewrite: '/', allow } });
      await simulation.declare(ruled({ allow, maintenance: true }));
      await simulation.settle();
      assert.deepEqual(await rulesOf(simulation), { 'web.test/': { rewrite: '/', allow, maintenance } });
      await simulation.declare(ruled({}));
      await simulation.settle();
      assert.deepEqual(await rulesOf(simulation), { 'web.test/': { rewrite: '/' } });
      assert.deepEqual(said(simulation, 'deploy.succeeded'), [1]);
      assert.deepEqual(simulation.violations, []);
    });

    for (const point of ['endpoints.update', 'publish routes.changed', 'bars.create', 'releases.update']) {
      it(`rules hold although the process dies at ${point}`, async () => {
        for (const effect of ['before', 'after'] as const) {
          const simulation = await open({ v2: neverReady }, twoProxies);
          await simulation.declare(specOf({ ruled_proxy: before }));
          await simulation.accept('v1');
          await simulation.settle();
          await simulation.accept('v2', 'app:next');
          await simulation.declare(ruled({ maintenance: true }));
          await simulation.settle({ crashes: [{ of: point, call: 1, effect }] });
          assert.deepEqual(await rulesOf(simulation), { 'web.test/': { rewrite: '/', maintenance } }, effect);
          assert.deepEqual(said(simulation, 'release.barred'), [1]);
          assert.deepEqual(simulation.violations, []);
        }
      });
    }

    for (const [name, changes, expected] of [
      ['stay as they are at another port', { service_port: 81 }, { 'web.test/': { rewrite: '/' } }],
      ['stay as they are for another host', { host: 'next.test' }, { 'web.test/': { rewrite: '/' } }],
      ['hold for a host that stays', { hosts: ['web.test', 'next.test'] }, { 'web.test/': { rewrite: '/', maintenance } }],
      ['change no rewrite', { strip_prefix: false }, { 'web.test/': { rewrite: '/', maintenance } }],
      ['send nobody to a host that is not served', { host: 'next.test', redirect_from: ['web.test'] }, { 'web.test/': { rewrite: '/' } }],
    ] as const) {
      it(`they ${name}`, async () => {
        assert.deepEqual(await rulesOf(await barred(ruled({ maintenance: true }, changes))), expected);
      });
    }
  });

  it('lead nowhere when a name is declared anew while what had it still leaves, and nothing of the new one can start', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.declare(null);
    await simulation.settle({ untilMs: 2_000 });
    assert.deepEqual((await simulation.endpoints())?.routes, [], 'it leaves');
    assert.notDeepEqual(simulation.engine.all(), []);
    await simulation.declare(specOf({ service: { image: 'absent:latest' }, proxy: { host: 'other.test', service_port: 80 } }));
    await simulation.settle({ untilMs: 300_000 });
    assert.deepEqual([simulation.engine.all(), await simulation.endpoints()], [[], null]);
    assert.equal((await simulation.record())?.serving, null);
  });

  it('come back when the same is declared again while it leaves', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    await simulation.declare(null);
    await simulation.settle({ untilMs: 2_000 });
    await simulation.declare(spec);
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });
});
