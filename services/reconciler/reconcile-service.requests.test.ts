import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { digestOf } from './testing/simulation.ts';
import { crashing, open, proxied, published, said, specOf, type Watched } from './testing/stories.ts';

const ends = { readyAfterMs: 300, endsAfterMs: 2_000, exitCode: 0 };
const kinds = {
  'that ends': { declared: {}, behaviours: { v1: ends } },
  'that ends, and has a volume': { declared: { volume: [{ source: 'data', target: '/data' }] }, behaviours: { v1: ends } },
  'that serves, and has ended': { declared: { ...proxied, ...published }, behaviours: { v1: { endsAfterMs: 20_000 } } },
} as const;

/** Version 1 of it has ended, and it is asked for when version 2 is there. */
async function askedFor({ declared, behaviours }: (typeof kinds)[keyof typeof kinds], v2: object): Promise<Watched> {
  const simulation = await open({ ...behaviours, v2 });
  await simulation.declare(specOf({ ...declared, service: { restart: 'no' } }));
  await simulation.accept('v1');
  await simulation.settle({ untilMs: 120_000 });
  assert.deepEqual(
    simulation.engine.all().map(({ state }) => state),
    ['exited'],
  );
  await simulation.accept('v2');
  await simulation.request('deploy', 'ask-1');
  await simulation.settle();
  assert.deepEqual(simulation.violations, []);
  return simulation;
}

describe('a request for something of which nothing runs', () => {
  for (const [name, kind] of Object.entries(kinds)) {
    it(`forgets nothing when the newest release fails: something ${name}`, async () => {
      const simulation = await askedFor(kind, crashing);
      const { serving, requested, rollout } = (await simulation.record()) ?? {};
      assert.deepEqual([serving?.digest, requested, rollout], [digestOf('v1'), undefined, null]);
      assert.equal(simulation.engine.starts(), 2, 'what had ended is not run again');
      assert.deepEqual(said(simulation, 'deploy.started', 'deploy.failed', 'release.barred'), [2, 1, 1]);
      await simulation.accept('v3');
      await simulation.settle({ untilMs: 10_000 });
      assert.equal((await simulation.record())?.serving?.digest, digestOf('v3'));
    });

    it(`takes the newest release: something ${name}`, async () => {
      const simulation = await askedFor(kind, kind.behaviours.v1);
      assert.equal((await simulation.record())?.serving?.digest, digestOf('v2'));
      assert.equal(simulation.engine.starts(), 2);
    });

    it(`runs the same release once more, as often as it is asked for: something ${name}`, async () => {
      const simulation = await askedFor(kind, kind.behaviours.v1);
      for (const turn of [1, 2]) {
        await simulation.request('deploy', `again-${turn}`);
        await simulation.settle();
        assert.equal(simulation.engine.starts(), 2 + turn);
      }
      const { serving, requested, rollout } = (await simulation.record()) ?? {};
      assert.deepEqual([serving?.digest, requested, rollout], [digestOf('v2'), undefined, null]);
    });
  }

  it('is told as failed when the release that was well before fails this time', async () => {
    for (const endsAfterMs of [100, 1_500]) {
      const behaviour = { ...ends };
      const simulation = await open({ v1: behaviour });
      await simulation.declare(specOf({ service: { restart: 'no' } }));
      await simulation.accept('v1');
      await simulation.settle({ untilMs: 120_000 });
      Object.assign(behaviour, { endsAfterMs, exitCode: 1 });
      await simulation.request('deploy', 'ask');
      await simulation.settle();
      assert.deepEqual(said(simulation, 'deploy.succeeded', 'deploy.failed'), [1, 1], `${endsAfterMs} ms`);
      assert.equal(simulation.engine.starts(), 2);
    }
  });

  for (const action of ['deploy', 'clear'] as const) {
    it(`runs nothing twice that met an obstacle, and is at work: ${action}`, async () => {
      for (const before of [[], ['v1']]) {
        const simulation = await open({ v1: ends, v2: { ...ends, endsAfterMs: 15_000, hasHealthCheck: true } });
        const { engine } = simulation;
        await simulation.declare(specOf({ service: { restart: 'no' } }));
        for (const version of before) await simulation.accept(version);
        await simulation.settle({ untilMs: 60_000 });
        engine.troubles.pull = new RetryableError('PULL_FAILED', 'nobody answers');
        await simulation.accept('v2');
        await simulation.settle({ untilMs: 1_000 });
        engine.troubles.pull = null;
        const isAtWork = () => engine.all().some(({ kedge, state }) => kedge?.digest === digestOf('v2') && state === 'running');
        for (let look = 0; look < 1_000 && !isAtWork(); look += 1) await simulation.settle({ untilMs: 100 });
        assert.ok(isAtWork());
        await simulation.request(action, 'ask');
        await simulation.settle();
        assert.deepEqual([(await simulation.record())?.serving?.digest, engine.starts()], [digestOf('v2'), before.length + 1]);
      }
    });
  }

  for (const restart of ['no', 'on-failure']) {
    for (const troubleMs of [1_500, 20_000]) {
      it(`is at work to its end, once, whatever the engine refuses meanwhile: for ${troubleMs} ms, restart ${restart}`, async () => {
        for (const declared of [kinds['that ends'].declared, kinds['that ends, and has a volume'].declared]) {
          const simulation = await open({ v1: ends, v2: { ...ends, endsAfterMs: 9_000 } });
          const { engine } = simulation;
          await simulation.declare(specOf({ ...declared, service: { restart } }));
          await simulation.accept('v1');
          await simulation.settle({ untilMs: 60_000 });
          await simulation.accept('v2');
          await simulation.settle({ untilMs: 500 });
          const { setAliases } = engine;
          const until = simulation.now() + troubleMs;
          engine.setAliases = async (...given) => {
            if (simulation.now() < until) throw new RetryableError('ENGINE_BUSY', 'the engine has trouble');
            await setAliases(...given);
          };
          await simulation.settle();
          assert.deepEqual([(await simulation.record())?.serving?.digest, engine.starts()], [digestOf('v2'), 2]);
          assert.deepEqual(said(simulation, 'deploy.succeeded', 'deploy.failed'), [2, 0]);
        }
      });
    }
  }

  it('runs what there is while nobody knows anything newer', async () => {
    const simulation = await askedFor(kinds['that ends'], kinds['that ends'].behaviours.v1);
    await simulation.forgetImages();
    await simulation.request('deploy', 'again');
    await simulation.settle();
    const { serving, rollout } = (await simulation.record()) ?? {};
    assert.deepEqual([serving?.digest, rollout, simulation.engine.starts()], [digestOf('v2'), null, 3]);
  });

  it('is honoured by what was started otherwise meanwhile', async () => {
    const simulation = await askedFor(kinds['that ends'], kinds['that ends'].behaviours.v1);
    await simulation.request('deploy', 'again');
    const [container] = simulation.engine.all();
    assert.ok(container);
    await simulation.engine.start(container.id);
    await simulation.settle();
    assert.deepEqual([(await simulation.record())?.requested, simulation.engine.starts()], [undefined, 3]);
  });
});
