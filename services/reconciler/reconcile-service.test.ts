import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { releaseName, ServiceSpec } from '@kedge/shared/contracts';
import fc from 'fast-check';
import type { Behaviour } from './testing/simulated-engine.ts';
import { type CrashPoint, digestOf, openSimulation, type SimulatedProxy, type Simulation } from './testing/simulation.ts';

type Declared = Record<string, unknown> & { readonly service?: Record<string, unknown> };
type Watched = Simulation & { readonly violations: string[] };

const isLong = process.env.KEDGE_TEST_LONG === '1';
const proxied = { proxy: { host: 'web.test', service_port: 80 } };
const published = { port: [{ host: 8080, container: 80 }] };
const drain = { timeout: '5s', dns_settle: '500ms', stop_grace_period: '1s' };
const quickGate = { gate: [{ type: 'tcp', port: 80, interval: '500ms', healthy_deadline: '3s' }] };
const twoProxies: readonly SimulatedProxy[] = [
  { instance: 'p1', applyAfterMs: 300, requestsLastMs: 1_500 },
  { instance: 'p2', applyAfterMs: 700, requestsLastMs: 0 },
];
const crashing: Partial<Behaviour> = { readyAfterMs: null, endsAfterMs: 50, exitCode: 3 };
const neverReady: Partial<Behaviour> = { readyAfterMs: null };

function specOf({ service, ...rest }: Declared = {}): ServiceSpec {
  return ServiceSpec.parse({
    service: { name: 'web', image: 'app:latest', restart: 'always', ...service },
    dispenser: { watch: true },
    drain,
    ...rest,
  });
}

async function open(behaviours: Record<string, Partial<Behaviour>> = {}, proxies: readonly SimulatedProxy[] = []): Promise<Watched> {
  const violations: string[] = [];
  const known = { v1: {}, v2: {}, v3: {}, ...behaviours };
  const simulation = await openSimulation({ behaviours: known, proxies, onViolation: (what) => violations.push(what) });
  return { ...simulation, violations };
}

/** A world in which v1 serves. */
async function serving(
  spec: ServiceSpec,
  behaviours: Record<string, Partial<Behaviour>> = {},
  proxies: readonly SimulatedProxy[] = [],
): Promise<Watched> {
  const simulation = await open(behaviours, proxies);
  await simulation.declare(spec);
  await simulation.accept('v1');
  await simulation.settle();
  await assertServes(simulation, spec, 'v1');
  return simulation;
}

/** Asserts that exactly this release runs, is named and routed, and that nothing is left over or owed. */
async function assertServes(simulation: Watched, spec: ServiceSpec, version: string): Promise<void> {
  const release = releaseName(spec, digestOf(version));
  const all = simulation.engine.all();
  const one = { release, state: 'running', hasAlias: true };
  assert.deepEqual(
    all.map(({ kedge, state, hasAlias }) => ({ release: kedge?.release, state, hasAlias })),
    Array.from({ length: spec.service.replicas ?? 1 }, () => one),
  );
  assert.equal(all.filter(({ name }) => name === 'web').length, 1);
  const record = await simulation.record();
  assert.equal(record?.serving?.release, release);
  assert.deepEqual(
    { rollout: record?.rollout, waiting: record?.waiting, owes: record?.owes },
    { rollout: null, waiting: undefined, owes: undefined },
  );
  const entry = await simulation.endpoints();
  const targets = entry?.targets.map(({ id, state, address }) => `${id} ${state} ${address}`).toSorted();
  assert.deepEqual(targets, spec.proxy && all.map(({ id, address }) => `${id} ready ${address}`).toSorted());
  assert.deepEqual(
    { routes: entry?.routes, hold: entry?.hold, owes: entry?.owes },
    { routes: spec.proxy && [{ host: 'web.test', path: '/' }], hold: undefined, owes: undefined },
  );
  assert.deepEqual(simulation.violations, []);
}

function said(simulation: Simulation, ...subjects: readonly string[]): number[] {
  return subjects.map((subject) => simulation.events.filter(({ type }) => type === `${subject}.v1`).length);
}

const ends = ['deploy.started', 'deploy.succeeded', 'deploy.failed', 'release.barred'] as const;

describe('reconcile', () => {
  it('brings a declared service up, routes it and says so once', async () => {
    const simulation = await serving(specOf(proxied));
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });

  it('does nothing while there is no configuration', async () => {
    const simulation = await open();
    await simulation.accept('v1');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
  });

  for (const [kind, spec] of Object.entries({
    routed: specOf({ service: { replicas: 2 }, ...proxied }),
    internal: specOf({ service: { replicas: 3 } }),
  })) {
    it(`rolls a new image out without losing capacity (${kind})`, async () => {
      const simulation = await serving(spec, {}, twoProxies);
      if (spec.proxy) simulation.guardCapacity(2);
      await simulation.accept('v2');
      await simulation.settle();
      await assertServes(simulation, spec, 'v2');
      assert.deepEqual(said(simulation, ...ends), [2, 2, 0, 0]);
    });
  }

  it('says that the requests on the old release ended by proof', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.accept('v2');
    await simulation.settle();
    const last = simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1')?.data;
    assert.deepEqual(last && { ...last, durationMs: 0 }, { ...(last ?? {}), durationMs: 0, drained: true, openRequests: 0 });
  });

  it('goes on when the bound passed, and says how many requests were open', async () => {
    const endless = [{ instance: 'p1', applyAfterMs: 100, requestsLastMs: 3_600_000 }];
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, endless);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    const last = simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1')?.data as {
      drained: boolean;
      openRequests: number;
    };
    assert.deepEqual([last.drained, last.openRequests], [false, 1]);
  });

  it('waits for a silent proxy until the bound, and no longer once it counts as lost', async () => {
    const spec = specOf({ ...proxied, drain: { ...drain, timeout: '10m' } });
    const simulation = await serving(spec, {}, [{ instance: 'p1', applyAfterMs: 0, requestsLastMs: 0, isDead: true }]);
    const before = simulation.now();
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.ok(simulation.now() - before < 300_000);
  });

  for (const [name, behaviour] of Object.entries({ crashes: crashing, 'never becomes ready': neverReady })) {
    it(`keeps the old release when the new one ${name}, bars it, and takes the next one`, async () => {
      const spec = specOf({ service: { replicas: 2 }, ...proxied, ...quickGate });
      const simulation = await serving(spec, { v2: behaviour }, twoProxies);
      simulation.guardCapacity(2);
      await simulation.accept('v2');
      await simulation.settle();
      await assertServes(simulation, spec, 'v1');
      assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
      await simulation.settle();
      assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
      await simulation.accept('v3');
      await simulation.settle();
      await assertServes(simulation, spec, 'v3');
    });
  }

  it('tries a first start again until it works, and says once that it failed', async () => {
    const behaviours = { v1: { ...crashing } };
    const simulation = await open(behaviours);
    const spec = specOf(proxied);
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(said(simulation, ...ends), [1, 0, 1, 0]);
    assert.equal((await simulation.record())?.waiting?.code, 'START_FAILED');
    assert.deepEqual(await simulation.endpoints(), null);
    Object.assign(behaviours.v1, { readyAfterMs: 10, endsAfterMs: null });
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, ...ends), [1, 1, 1, 0]);
  });

  it('stops first where two releases cannot coexist, and holds requests meanwhile', async () => {
    const spec = specOf({ ...proxied, ...published });
    const simulation = await serving(spec, {}, twoProxies);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    const started = simulation.events.findLast(({ type }) => type === 'deploy.started.v1')?.data as { strategy: string; reason: string };
    assert.deepEqual(started.strategy, 'stop-first');
    assert.match(started.reason, /host port 8080/);
  });

  it('starts the same old container again when the new one fails after a stop-first', async () => {
    const spec = specOf({ ...proxied, ...published });
    const simulation = await serving(spec, { v2: crashing }, twoProxies);
    const [old] = simulation.engine.all();
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.equal(simulation.engine.all()[0]?.id, old?.id);
    assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
  });

  it('gives up a rollout that is not wanted any more, and takes the newest', async () => {
    const spec = specOf({ service: { replicas: 2 }, ...proxied });
    const simulation = await serving(spec, { v2: neverReady }, twoProxies);
    simulation.guardCapacity(2);
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 5_000 });
    await simulation.accept('v3');
    await simulation.settle();
    await assertServes(simulation, spec, 'v3');
    assert.deepEqual(said(simulation, ...ends), [3, 2, 0, 0]);
  });

  it('goes back to what serves when a rollout is withdrawn', async () => {
    const spec = specOf({ ...proxied });
    const simulation = await serving(spec, { v2: neverReady }, twoProxies);
    simulation.guardCapacity(1);
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 5_000 });
    await simulation.accept('v1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.equal((await simulation.record())?.last?.outcome, 'superseded');
  });

  it('makes a lost container again without a rollout', async () => {
    const spec = specOf({ service: { replicas: 2 }, ...proxied });
    const simulation = await serving(spec, {}, twoProxies);
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });

  it('makes a lost container again although the newest release is barred', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, { v2: crashing });
    await simulation.accept('v2');
    await simulation.settle();
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('makes a lost container of the serving release again although another spec is declared and barred', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, { v2: crashing });
    const other = specOf({ service: { memory: '64m' }, ...proxied });
    await simulation.declare(other);
    await simulation.accept('v2');
    await simulation.settle();
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('follows a changed number of replicas without a rollout', async () => {
    const simulation = await serving(specOf({ service: { replicas: 3 }, ...proxied }), {}, twoProxies);
    simulation.guardCapacity(1);
    for (const replicas of [1, 4, 2]) {
      const spec = specOf({ service: { replicas }, ...proxied });
      await simulation.declare(spec);
      await simulation.settle();
      await assertServes(simulation, spec, 'v1');
    }
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });

  it('moves a route without touching containers', async () => {
    const simulation = await serving(specOf(proxied));
    const before = simulation.engine.all();
    await simulation.declare(specOf({ proxy: { host: 'Other.test:443', path: '/api/', service_port: 80 } }));
    await simulation.settle();
    assert.deepEqual((await simulation.endpoints())?.routes, [{ host: 'other.test', path: '/api' }]);
    assert.deepEqual(simulation.engine.all(), before);
  });

  it('takes the routes away with [proxy], and keeps the container', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    const spec = specOf();
    await simulation.declare(spec);
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('removes what is declared no more, and forgets it', async () => {
    const simulation = await serving(specOf({ service: { replicas: 2 }, ...proxied }), {}, twoProxies);
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
    assert.deepEqual(simulation.violations, []);
  });

  it('leaves a foreign container under the name alone, and says why it waits', async () => {
    const simulation = await open();
    simulation.engine.addForeign('web');
    await simulation.declare(specOf(proxied));
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual(
      simulation.engine.all().map(({ name }) => name),
      ['web'],
    );
    assert.equal((await simulation.record())?.waiting?.code, 'NAME_TAKEN');
  });

  it('runs once what is not restarted, and does not run it again', async () => {
    const once = { readyAfterMs: null, endsAfterMs: 200, exitCode: 0 };
    const simulation = await open({ v1: once });
    await simulation.declare(specOf({ service: { restart: 'no' } }));
    await simulation.accept('v1');
    await simulation.settle();
    const [container] = simulation.engine.all();
    assert.deepEqual([container?.state, container?.exitCode], ['exited', 0]);
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
    simulation.engine.lose(container?.id ?? '');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
  });

  it('does not run again what runs once and failed', async () => {
    const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 200, exitCode: 7 } });
    await simulation.declare(specOf({ service: { restart: 'no' } }));
    await simulation.accept('v1');
    await simulation.settle();
    assert.deepEqual(
      simulation.engine.all().map(({ state, exitCode }) => [state, exitCode]),
      [['exited', 7]],
    );
    assert.deepEqual(said(simulation, ...ends), [1, 0, 1, 0]);
    assert.equal((await simulation.record())?.rollout, null);
  });

  it('takes over running containers when its record was lost, and rolls nothing', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec);
    const before = simulation.engine.all();
    await simulation.forgetRecord();
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(simulation.engine.all(), before);
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });
});

describe('a crash of the reconciler at any call', () => {
  const effects = ['before', 'within', 'after'] as const;
  const stories = {
    'start-first': { spec: specOf({ service: { replicas: 2 }, ...proxied, ...quickGate }), capacity: 2 },
    internal: { spec: specOf({ service: { replicas: 2 }, ...quickGate }), capacity: null },
    'stop-first': { spec: specOf({ ...proxied, ...published, ...quickGate }), capacity: null },
  };
  const releases = { good: {}, crashing, 'never ready': neverReady };

  async function roll(
    spec: ServiceSpec,
    capacity: number | null,
    v2: Partial<Behaviour>,
    crashes: readonly CrashPoint[],
  ): Promise<{ simulation: Watched; calls: number }> {
    const simulation = await serving(spec, { v2 }, twoProxies);
    simulation.guardCapacity(capacity);
    await simulation.accept('v2');
    const before = simulation.calls();
    await simulation.settle({ crashes });
    return { simulation, calls: simulation.calls() - before };
  }

  for (const [story, { spec, capacity }] of Object.entries(stories)) {
    for (const [release, v2] of Object.entries(releases)) {
      it(`leads to the same end: ${story}, the new release is ${release}`, async () => {
        const isGood = release === 'good';
        const { calls } = await roll(spec, capacity, v2, []);
        // The whole sweep is long; a part of it, another one each time, is enough to keep it honest.
        const stride = isLong ? 1 : Math.max(1, Math.floor(calls / 12));
        const offset = isLong ? 1 : 1 + Math.floor(Math.random() * stride);
        for (let call = offset; call <= calls; call += stride) {
          for (const effect of effects) {
            const { simulation } = await roll(spec, capacity, v2, [{ call, effect }]);
            await assert.doesNotReject(assertServes(simulation, spec, isGood ? 'v2' : 'v1'), `crash ${effect} call ${call}`);
            assert.deepEqual(said(simulation, ...ends), isGood ? [2, 2, 0, 0] : [2, 1, 1, 1], `crash ${effect} call ${call}`);
          }
        }
      });
    }
  }

  it('leads to the same end however often it happens, from the first start to the removal', async () => {
    const Crashes = fc.array(fc.record({ call: fc.integer({ min: 1, max: 300 }), effect: fc.constantFrom(...effects) }), { maxLength: 6 });
    const Story = fc.record({
      first: Crashes,
      second: Crashes,
      removal: Crashes,
      replicas: fc.integer({ min: 1, max: 3 }),
      isProxied: fc.boolean(),
      isPublished: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(Story, async ({ first, second, removal, replicas, isProxied, isPublished }) => {
        const count = isPublished ? 1 : replicas;
        const spec = specOf({
          service: { replicas: count },
          ...(isProxied ? proxied : {}),
          ...(isPublished ? published : {}),
          ...quickGate,
        });
        const simulation = await open({}, twoProxies);
        await simulation.declare(spec);
        await simulation.accept('v1');
        await simulation.settle({ crashes: first });
        await assertServes(simulation, spec, 'v1');
        await simulation.accept('v2');
        await simulation.settle({ crashes: second });
        await assertServes(simulation, spec, 'v2');
        await simulation.declare(null);
        await simulation.settle({ crashes: removal });
        assert.deepEqual(simulation.engine.all(), []);
        assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
        assert.deepEqual(simulation.violations, []);
      }),
      { numRuns: isLong ? 400 : 15 },
    );
  });
});
