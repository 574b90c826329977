import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DataOf, entriesOf, releaseName } from '@kedge/shared/contracts';
import fc from 'fast-check';
import type { CrashPoint } from './crash-points.ts';
import type { Behaviour } from './simulated-container.ts';
import { digestOf } from './simulation.ts';
import {
  assertServes,
  crashing,
  ends,
  missing,
  neverReady,
  open,
  proxied,
  published,
  quickGate,
  said,
  serving,
  specOf,
  twoProxies,
  type Watched,
} from './stories.ts';
import { callsToDieAt, isLong, seed } from './sweep.ts';

const removals = ({ events }: Watched) =>
  events.flatMap(({ type, data }) => (type === 'service.removed.v1' ? [data as DataOf<'service.removed'>] : []));

describe('a crash of the reconciler at any call', () => {
  const effects = ['before', 'within', 'after'] as const;
  const stories = {
    'start-first': { spec: specOf({ service: { replicas: 2 }, ...proxied, ...quickGate }), capacity: 2 },
    internal: { spec: specOf({ service: { replicas: 2 }, ...quickGate }), capacity: null },
    'with a port that its image exposes': { spec: specOf(), capacity: null, exposes: [80] },
    'with a health check': { spec: specOf({ ...proxied, ...quickGate }), capacity: 1, hasHealthCheck: true },
    'stop-first': { spec: specOf({ ...proxied, ...published, ...quickGate }), capacity: null },
  };
  const releases = { good: {}, crashing, missing, 'never ready': neverReady };

  type Story = (typeof stories)[keyof typeof stories];

  /** v1 serves, v2 comes, and the process dies where it is told to. */
  async function roll(
    { spec, capacity, ...base }: Story,
    v2: Partial<Behaviour>,
    crashes: readonly CrashPoint[],
  ): Promise<{ simulation: Watched; calls: number }> {
    const simulation = await serving(spec, { v1: base, v2: { ...base, ...v2 } }, twoProxies);
    simulation.guardCapacity(capacity);
    await simulation.accept('v2');
    const before = simulation.calls();
    await simulation.settle({ crashes });
    return { simulation, calls: simulation.calls() - before };
  }

  async function assertSameEnd(story: Story, release: keyof typeof releases, crash: CrashPoint): Promise<void> {
    const { simulation } = await roll(story, releases[release], [crash]);
    try {
      await assertServes(simulation, story.spec, release === 'good' ? 'v2' : 'v1');
      assert.deepEqual(said(simulation, ...ends), release === 'good' ? [2, 2, 0, 0] : [2, 1, 1, 1]);
    } catch (cause) {
      throw new Error(`a crash ${crash.effect} call ${crash.call} leads to another end`, { cause });
    }
  }

  for (const [name, story] of entriesOf(stories)) {
    for (const release of ['good', 'crashing', 'missing', 'never ready'] as const) {
      it(`leads to the same end: ${name}, the new release is ${release}`, async (t) => {
        t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
        const { calls } = await roll(story, releases[release], []);
        // The whole sweep is long; a part of it, another one each time, is enough to keep it honest.
        for (const call of callsToDieAt(calls, 5)) {
          for (const effect of effects) await assertSameEnd(story, release, { call, effect });
        }
      });
    }
  }

  it('leads to one run of each instant, in a container with the name of its service', async (t) => {
    t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
    const job = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } });
    async function run(crash: CrashPoint | null): Promise<{ readonly end: unknown; readonly calls: number }> {
      const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 300 } });
      await simulation.declare(job);
      await simulation.accept('v1');
      // The second time its container is there.
      for (const crashes of [[], crash ? [crash] : []]) {
        assert.equal(await simulation.claim(new Date(simulation.now()).toISOString(), job), true);
        calls = simulation.calls();
        await simulation.settle({ crashes });
      }
      const told = said(simulation, 'job.started', 'job.finished', 'job.skipped');
      const left = simulation.engine.all().map(({ name, state, hasAlias }) => ({ name, state, hasAlias }));
      return { end: { told, left, starts: simulation.engine.starts() }, calls: simulation.calls() - calls };
    }
    let calls = 0;
    const undisturbed = await run(null);
    assert.deepEqual(undisturbed.end, { told: [2, 2, 0], left: [{ name: 'web', state: 'exited', hasAlias: true }], starts: 2 });
    for (const call of callsToDieAt(undisturbed.calls, 15)) {
      for (const effect of effects) assert.deepEqual((await run({ call, effect })).end, undisturbed.end, `killed ${effect} call ${call}`);
    }
  });

  it('leads to the same end of a rollout that a new name of its service interrupts', async (t) => {
    t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
    const spec = specOf({ service: { replicas: 2 }, ...proxied });
    const heir = specOf({ service: { name: 'shop', image: 'shop:latest' }, ...proxied });
    const left = ({ engine }: Watched) => engine.all().map(({ kedge }) => `${kedge?.service} ${kedge?.digest}`);

    async function rename(crash: CrashPoint | null): Promise<number> {
      const simulation = await serving(spec, { v2: neverReady }, twoProxies);
      simulation.guardCapacity(1);
      await simulation.accept('v2');
      await simulation.settle({ untilMs: 3_000 });
      assert.equal(simulation.engine.all().length, 4, 'the candidates run');
      await simulation.declare(null, heir);
      const before = simulation.calls();
      await simulation.settle({ crashes: crash ? [crash] : [], untilMs: 40_000 });
      const calls = simulation.calls() - before;
      assert.deepEqual(left(simulation), [`web ${digestOf('v1')}`, `web ${digestOf('v1')}`], 'only what served waits for the new name');
      await simulation.accept('v3', 'shop:latest');
      await simulation.settle();
      assert.deepEqual(left(simulation), [`shop ${digestOf('v3')}`]);
      assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
      assert.deepEqual(said(simulation, 'deploy.superseded', 'service.removed'), [1, 1]);
      const [gone] = removals(simulation);
      assert.deepEqual([gone?.release, gone?.containers], [releaseName(spec, digestOf('v1')), 2]);
      assert.ok(gone && gone.durationMs < 30_000, 'the wait for the new name does not count');
      assert.deepEqual(simulation.violations, []);
      return calls;
    }

    const calls = await rename(null);
    for (const call of callsToDieAt(calls, 10)) {
      for (const effect of effects) {
        await assert.doesNotReject(rename({ call, effect }), `a crash ${effect} call ${call} leads to another end`);
      }
    }
  });

  it('leads to one word about each removal', async (t) => {
    t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
    const spec = specOf({ service: { replicas: 2 }, ...proxied });
    async function remove(crash: CrashPoint | null): Promise<number> {
      const simulation = await serving(spec, {}, twoProxies);
      const before = simulation.calls();
      await simulation.declare(null);
      await simulation.settle({ crashes: crash ? [crash] : [] });
      const calls = simulation.calls() - before;
      assert.equal(await simulation.record(), null);
      assert.deepEqual(
        removals(simulation).map((data) => ({ ...data, durationMs: 0 })),
        [{ release: releaseName(spec, digestOf('v1')), containers: 2, durationMs: 0, reason: 'it is declared no more' }],
        JSON.stringify(crash),
      );
      return calls;
    }

    const calls = await remove(null);
    for (const call of callsToDieAt(calls, 15)) for (const effect of effects) await remove({ call, effect });
    // Between the word and the end of the record.
    for (const name of ['releases.update', 'publish service.removed', 'releases.delete'])
      for (const effect of effects) for (const call of [1, 2, 3]) await remove({ call, of: name, effect });
  });

  it('leads to the same end however often it happens, from the first start to the removal', async (t) => {
    t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
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
        assert.deepEqual(said(simulation, 'service.removed'), [1]);
        assert.deepEqual(simulation.violations, []);
      }),
      { seed, numRuns: isLong ? 400 : 10 },
    );
  });
});
