import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { digestOf } from './testing/simulation.ts';
import { crashing, neverReady, open, proxied, published, said, specOf, type Watched } from './testing/stories.ts';

const soon = { ...crashing, endsAfterMs: 1_000 };
const oldCannotStart = { image: digestOf('v1'), error: new RetryableError('PORT_TAKEN', 'port 8080 is taken') };
const restarts = ['always', 'on-failure', 'no'] as const;

async function serving(spec: ReturnType<typeof specOf>, behaviours: Parameters<typeof open>[0]): Promise<Watched> {
  const simulation = await open(behaviours);
  await simulation.declare(spec);
  await simulation.accept('v1');
  await simulation.settle();
  return simulation;
}

/** Version 1 serves, and nothing else is left. */
async function assertBack(simulation: Watched, hint: string): Promise<void> {
  assert.deepEqual(
    simulation.engine.all().map(({ kedge, state }) => [kedge?.digest, state]),
    [[digestOf('v1'), 'running']],
    hint,
  );
  const { serving, rollout, waiting } = (await simulation.record()) ?? {};
  assert.deepEqual([serving?.digest, rollout, waiting], [digestOf('v1'), null, undefined], hint);
  assert.deepEqual(simulation.violations, []);
}

describe('what was stopped for a new release', () => {
  for (const restart of restarts) {
    it(`comes back at once when that fails while it runs, with and without a route: restart = "${restart}"`, async () => {
      for (const route of [{}, proxied]) {
        for (const v2 of [soon, neverReady]) {
          const gate = [{ type: 'tcp', port: 80, healthy_deadline: '3s' }];
          const simulation = await serving(specOf({ ...route, ...published, gate, service: { restart } }), { v2 });
          await simulation.accept('v2');
          await simulation.settle({ untilMs: 40_000 });
          await assertBack(simulation, JSON.stringify([route, v2]));
          assert.deepEqual(said(simulation, 'deploy.failed', 'deploy.rolledback'), [1, 1]);
        }
      }
    });

    it(`comes back when a release that took the place of that one fails: restart = "${restart}"`, async () => {
      for (const whileMs of [500, 2_000, 4_000]) {
        const simulation = await serving(specOf({ ...proxied, ...published, service: { restart } }), {
          v2: { readyAfterMs: 20_000 },
          v3: soon,
        });
        await simulation.accept('v2');
        await simulation.settle({ untilMs: whileMs });
        await simulation.accept('v3');
        await simulation.settle({ untilMs: 120_000 });
        await assertBack(simulation, `after ${whileMs} ms`);
      }
    });
  }

  it('is not brought back for an obstacle after the new release is fit', async () => {
    for (const refusedFor of [1, 4]) {
      const simulation = await serving(specOf(published), {});
      const { remove } = simulation.engine;
      let refused = 0;
      Object.assign(simulation.engine, {
        remove: async (...of: Parameters<typeof remove>) => {
          refused += 1;
          if (refused <= refusedFor) throw new RetryableError('ENGINE_BUSY', 'the engine has trouble');
          return await remove(...of);
        },
      });
      await simulation.accept('v2');
      await simulation.settle({ untilMs: refusedFor * 60_000 });
      const all = simulation.engine.all().map(({ kedge, state }) => [kedge?.digest, state]);
      assert.deepEqual(all, [[digestOf('v2'), 'running']]);
      assert.equal((await simulation.record())?.serving?.digest, digestOf('v2'));
      assert.equal(simulation.engine.starts(), 2, 'nothing was started again');
      assert.ok(refused > refusedFor);
    }
  });

  it('comes back also when the release that took over starts beside it, and fails', async () => {
    for (const restart of ['on-failure', 'no']) {
      const spec = specOf({ ...published, service: { restart } });
      const simulation = await serving(spec, { v2: { readyAfterMs: 20_000 }, v3: soon });
      await simulation.accept('v2');
      await simulation.settle({ untilMs: 2_000 });
      await simulation.declare(specOf({ service: { restart } }));
      await simulation.accept('v3');
      await simulation.settle({ untilMs: 200_000 });
      await assertBack(simulation, restart);
    }
  });

  it('comes back while a release that took over cannot begin', async () => {
    for (const restart of restarts) {
      for (const route of [{}, proxied]) {
        const spec = specOf({ ...route, ...published, service: { restart } });
        const simulation = await serving(spec, { v2: { readyAfterMs: 40_000 } });
        await simulation.accept('v2');
        await simulation.settle({ untilMs: 2_000 });
        simulation.engine.troubles.pull = new RetryableError('PULL_FAILED', 'nobody answers');
        await simulation.accept('v3');
        await simulation.settle({ untilMs: 2_000 });
        const all = simulation.engine.all().map(({ kedge, state }) => [kedge?.digest, state]);
        assert.deepEqual(all, [[digestOf('v1'), 'running']], JSON.stringify([restart, route]));
        simulation.engine.troubles.pull = null;
        await simulation.settle();
        assert.equal((await simulation.record())?.serving?.digest, digestOf('v3'));
      }
    }
  });

  it('is waited for in peace when it cannot come back, and nothing else is wanted', async () => {
    const simulation = await serving(specOf({ ...proxied, ...published }), { v2: soon });
    simulation.engine.troubles.start = oldCannotStart;
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 60_000 });
    await simulation.accept('v1');
    const tables = said(simulation, 'routes.changed')[0];
    const [before] = said(simulation, 'deploy.progressed');
    const calls = simulation.calls();
    await simulation.settle({ untilMs: 60_000 });
    const [after] = said(simulation, 'deploy.progressed');
    assert.ok(Number(after) - Number(before) < 5, `${after} events`);
    assert.ok(Number(said(simulation, 'routes.changed')[0]) - Number(tables) < 3, 'proxies get no new tables');
    assert.ok(simulation.calls() - calls < 1_000, `${simulation.calls() - calls} calls`);
    simulation.engine.troubles.start = null;
    await simulation.settle();
    await assertBack(simulation, 'the port is free');
  });

  for (const declared of [published, { volume: [{ source: 'data', target: '/data' }] }]) {
    it(`is nothing while a release waits that has stopped nothing yet: ${Object.keys(declared)}`, async () => {
      const ends = { readyAfterMs: 300, endsAfterMs: 90_000, exitCode: 0 };
      const simulation = await open({ v1: ends, v2: ends });
      await simulation.declare(specOf({ ...declared, service: { restart: 'no' } }));
      await simulation.accept('v1');
      await simulation.settle({ untilMs: 30_000 });
      simulation.engine.troubles.pull = new RetryableError('PULL_FAILED', 'nobody answers');
      await simulation.accept('v2');
      await simulation.settle({ untilMs: 3_600_000 });
      assert.equal(simulation.engine.starts(), 1, 'it ended by itself meanwhile, and is not run again');
      simulation.engine.troubles.pull = null;
      await simulation.settle();
      assert.equal((await simulation.record())?.serving?.digest, digestOf('v2'));
      assert.equal(simulation.engine.starts(), 2);
    });
  }

  for (const restart of restarts) {
    it(`comes back also when the engine is in trouble for minutes: restart = "${restart}"`, async () => {
      const trouble = new RetryableError('ENGINE_BUSY', 'the engine has trouble');
      for (const troubles of [{ start: { image: '', error: trouble } }, { attach: trouble }]) {
        for (const route of [{}, proxied]) {
          const simulation = await serving(specOf({ ...route, ...published, service: { restart } }), {
            v2: { ...soon, endsAfterMs: 5_000 },
          });
          await simulation.accept('v2');
          await simulation.settle({ untilMs: 3_000 });
          Object.assign(simulation.engine.troubles, troubles);
          await simulation.settle({ untilMs: 400_000 });
          const isBack = simulation.engine.all().some(({ kedge, state }) => kedge?.digest === digestOf('v1') && state === 'running');
          assert.deepEqual(said(simulation, 'deploy.failed', 'deploy.rolledback'), [1, Number(isBack)], 'told when it is back');
          Object.assign(simulation.engine.troubles, { start: null, attach: null });
          await simulation.settle();
          await assertBack(simulation, JSON.stringify([troubles, route]));
          assert.deepEqual(said(simulation, 'deploy.failed', 'deploy.rolledback'), [1, 1]);
        }
      }
    });
  }

  for (const restart of restarts) {
    it(`is not waited for in vain when it ends before it is fit: restart = "${restart}"`, async () => {
      const simulation = await serving(specOf({ ...proxied, ...published, service: { restart } }), { v1: { readyAfterMs: 5_000 } });
      const { engine } = simulation;
      const isOld = ({ kedge, state }: { kedge: { digest?: string } | null; state: string }) =>
        kedge?.digest === digestOf('v1') && state === 'running';
      engine.troubles.start = { image: digestOf('v2'), error: new RetryableError('ENGINE_BUSY', 'the engine has trouble') };
      await simulation.accept('v2');
      await simulation.settle({ untilMs: 2_000 });
      const back = engine.all().find(isOld);
      assert.ok(back, 'it is on its way back');
      engine.kill(back.id);
      engine.troubles.start = null;
      await simulation.settle({ untilMs: 600_000 });
      await simulation.accept('v3');
      await simulation.settle();
      assert.equal((await simulation.record())?.serving?.digest, digestOf('v3'));
      assert.deepEqual(simulation.violations, []);
    });
  }

  it('is not waited for any longer when somebody lifts the verdict against the new release', async () => {
    const v2 = { ...soon };
    const simulation = await serving(specOf({ ...proxied, ...published }), { v2 });
    simulation.engine.troubles.start = oldCannotStart;
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 60_000 });
    Object.assign(v2, { readyAfterMs: 300, endsAfterMs: null });
    await simulation.request('clear', 'clear-1');
    await simulation.settle();
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v2'));
    assert.deepEqual(said(simulation, 'deploy.started', 'deploy.failed', 'deploy.succeeded'), [3, 1, 2], 'each rollout has one end');
    assert.deepEqual(simulation.violations, []);
  });
});
