import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf } from './testing/simulation.ts';
import { assertServes, ends, open, proxied, published, said, serving, specOf, twoProxies } from './testing/stories.ts';

describe('a node that is taken down', () => {
  for (const [kind, more] of Object.entries({ routed: proxied, published, internal: {} })) {
    it(`stops and removes everything in order, and comes up again as it was (${kind})`, async () => {
      const spec = specOf({ service: { replicas: kind === 'published' ? 1 : 2 }, ...more });
      const simulation = await serving(spec, {}, twoProxies);
      const before = await simulation.record();
      await simulation.decideNode('down', 'd1');
      await simulation.settle();
      assert.deepEqual(simulation.engine.all(), []);
      const { routes, targets, owes } = (await simulation.endpoints()) ?? {};
      assert.deepEqual(
        routes,
        kind === 'routed' ? [{ host: 'web.test', path: '/' }] : undefined,
        'there is such a place, and nobody serves it',
      );
      assert.deepEqual([targets ?? [], owes ?? []], [[], []]);
      assert.equal((await simulation.record())?.serving?.release, before?.serving?.release, 'what served is remembered');
      await simulation.decideNode('up', 'u1');
      await simulation.settle();
      await assertServes(simulation, spec, 'v1');
      assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0], 'nothing was rolled for it');
      assert.deepEqual(simulation.violations, []);
    });
  }

  it('has no routes left of what is declared no more', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.decideNode('down', 'd1');
    await simulation.settle();
    for (const spec of [specOf(), null]) {
      await simulation.declare(spec);
      await simulation.settle();
      assert.equal(await simulation.endpoints(), null);
    }
    await simulation.declare(specOf(proxied));
    await simulation.decideNode('up', 'u1');
    await simulation.settle();
    await assertServes(simulation, specOf(proxied), 'v1');
    assert.deepEqual(simulation.violations, []);
  });

  it('takes up what was declared and pushed meanwhile', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.decideNode('down', 'd1');
    await simulation.settle();
    const spec = specOf({ ...proxied, env: { COLOUR: 'green' } });
    await simulation.declare(spec);
    await simulation.accept('v2');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    await simulation.decideNode('up', 'u1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
  });

  it('gives up a rollout that is under way', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 400 });
    await simulation.decideNode('down', 'd1');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    await simulation.decideNode('up', 'u1');
    await simulation.settle();
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v2'));
  });

  for (const restart of ['no', 'on-failure']) {
    it(`brings back what ran with restart = "${restart}"`, async () => {
      const spec = specOf({ ...proxied, service: { restart } });
      const simulation = await serving(spec, {}, twoProxies);
      await simulation.decideNode('down', 'd1');
      await simulation.settle();
      await simulation.decideNode('up', 'u1');
      await simulation.settle();
      await assertServes(simulation, spec, 'v1');
    });
  }

  for (const [what, initialize, more] of [
    ['runs once more what runs once and had ended', 'immediately', 1],
    ['leaves alone what only a trigger runs and had ended', 'on-trigger', 0],
  ] as const) {
    it(what, async () => {
      const simulation = await open({ v1: { endsAfterMs: 300, exitCode: 0 } });
      await simulation.declare(specOf({ service: { restart: 'no' }, dispenser: { watch: true, initialize } }));
      await simulation.accept('v1');
      await simulation.settle();
      if (initialize === 'on-trigger') await simulation.request('deploy', 'r1');
      await simulation.settle();
      const starts = simulation.engine.starts();
      await simulation.decideNode('down', 'd1');
      await simulation.settle();
      await simulation.decideNode('up', 'u1');
      await simulation.settle();
      assert.equal(simulation.engine.starts(), starts + more);
    });
  }

  it('stays up when an old request is delivered once more', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.decideNode('down', 'd1');
    await simulation.settle();
    await simulation.decideNode('up', 'u1');
    await simulation.decideNode('down', 'd1');
    await simulation.settle();
    await assertServes(simulation, specOf(proxied), 'v1');
  });

  it('takes no deploys, and no firing of a job runs', async () => {
    const job = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '* * * * *', initialize: 'on-trigger' } });
    const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 300, exitCode: 0 } });
    await simulation.declare(job);
    await simulation.accept('v1');
    await simulation.settle();
    await simulation.decideNode('down', 'd1');
    await assert.rejects(simulation.request('deploy', 'r1'), /rejected/);
    await simulation.fire(new Date(simulation.now()).toISOString());
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    assert.deepEqual(
      (await simulation.runsKept()).map(({ state }) => state),
      ['skipped'],
    );
  });
});
