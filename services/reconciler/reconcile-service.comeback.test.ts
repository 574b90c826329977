import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceSpec } from '@kedge/shared/contracts';
import { KedgeError } from '@kedge/shared/kernel';
import type { Behaviour } from './testing/simulated-container.ts';
import { digestOf } from './testing/simulation.ts';
import { crashing, open, proxied, published, said, specOf, type Watched } from './testing/stories.ts';

const once = { readyAfterMs: 300, endsAfterMs: 7_000, exitCode: 0 };
const fails = { ...crashing, endsAfterMs: 2_000 };

/** The version of each service of which a container was started, and how that is. */
function standing({ engine }: Watched): Readonly<Record<string, string>> {
  const known = ['v1', 'v2', 'm1', 'm2'].map((version) => [digestOf(version), version] as const);
  const versions = new Map<string | undefined, string>(known);
  const begun = engine.all().filter(({ state }) => state !== 'created');
  return Object.fromEntries(begun.map(({ kedge, state }) => [kedge?.service, `${versions.get(kedge?.digest)} ${state}`]));
}

/** `meanwhile`: what changes while nothing runs. */
async function downAndUp(simulation: Watched, meanwhile = async (): Promise<unknown> => undefined): Promise<void> {
  const turn = simulation.calls();
  await simulation.decideNode('down', `down-${turn}`);
  await simulation.settle({ untilMs: 60_000 });
  assert.deepEqual(standing(simulation), {});
  await meanwhile();
  await simulation.decideNode('up', `up-${turn}`);
  await simulation.settle();
}

/** `web` after another service, which has this behaviour, and is there. */
async function beside(
  behaviour: Partial<Behaviour>,
  condition: 'completed' | 'healthy',
  dispenser = {},
  more: Readonly<Record<string, Partial<Behaviour>>> = {},
  declared = {},
  planned = {},
) {
  const restart = condition === 'completed' ? 'no' : 'always';
  const other = (by = {}) => specOf({ service: { name: 'other', image: 'job:1', restart }, dispenser: { watch: true, ...planned, ...by } });
  const spec = specOf({ ...proxied, ...declared, dispenser: { watch: true, ...dispenser }, depends_on: { other: condition } });
  const simulation = await open({ m1: { hasHealthCheck: true, ...behaviour }, ...more });
  const declare = async (planned: Readonly<Record<string, string>> = {}) => await simulation.declare(spec, other(planned));
  await declare();
  await simulation.accept('m1', 'job:1');
  await simulation.accept('v1');
  await simulation.settle();
  return { simulation, declare };
}

/** `web` was started after the other one had ended. */
function assertAfter({ engine, violations }: Watched): void {
  const [web, other] = ['web', 'other'].map((name) => engine.all().find(({ kedge }) => kedge?.service === name));
  assert.ok(Number(web?.startedAt) >= Number(other?.finishedAt));
  assert.deepEqual(violations, []);
}

/** `web` in version 1, of this declaration, and a newer one of it that is barred. */
async function barred(spec: ServiceSpec, behaviour = {}): Promise<Watched> {
  const simulation = await open({ v1: behaviour, v2: fails });
  await simulation.declare(spec);
  await simulation.accept('v1');
  await simulation.settle();
  await simulation.accept('v2');
  await simulation.settle();
  assert.equal((await simulation.record())?.serving?.digest, digestOf('v1'));
  return simulation;
}

const kinds = [
  { title: 'a service', spec: specOf({ ...proxied, service: { restart: 'always' } }), ends: 'v1 running' },
  { title: 'a service that runs once', spec: specOf({ ...proxied, service: { restart: 'no' } }), ends: 'v1 running' },
  { title: 'a worker that runs once', spec: specOf({ service: { restart: 'no' } }), ends: 'v1 running' },
  { title: 'what ended', spec: specOf({ service: { restart: 'no' } }), behaviour: once, ends: 'v1 exited' },
];

describe('what was taken down', () => {
  for (const { title, spec, behaviour, ends } of kinds) {
    it(`comes up as the release that served while its newest is barred: ${title}`, async () => {
      const simulation = await barred(spec, behaviour);
      await downAndUp(simulation);
      assert.deepEqual(standing(simulation), { web: ends });
      assert.equal(simulation.engine.starts(), 3);
      const record = await simulation.record();
      assert.deepEqual([record?.serving?.digest, record?.comingUp, record?.rollout], [digestOf('v1'), undefined, null]);
      await downAndUp(simulation);
      assert.deepEqual([standing(simulation), simulation.engine.starts()], [{ web: ends }, 4]);
    });

    it(`comes up as the release that served while its newest declaration is barred: ${title}`, async () => {
      const simulation = await open({ v1: behaviour ?? {}, v2: fails });
      await simulation.declare(spec);
      await simulation.accept('v1');
      await simulation.accept('v2', 'app:broken');
      await simulation.settle();
      await simulation.declare(ServiceSpec.parse({ ...spec, service: { ...spec.service, image: 'app:broken' } }));
      await simulation.settle();
      await downAndUp(simulation);
      assert.deepEqual(standing(simulation), { web: ends });
    });
  }

  it('comes up first as what served, before what came meanwhile takes its place, and waits for that no longer', async () => {
    for (const [m2, ends] of [
      [{ ...once, endsAfterMs: 60_000 }, 'v2'],
      [fails, 'v1'],
    ] as const) {
      const { simulation } = await beside(once, 'completed', {}, { m2 });
      await downAndUp(simulation, async () => {
        await simulation.accept('m2', 'job:1');
        await simulation.accept('v2');
        await simulation.decideNode('up', 'early');
        await simulation.settle({ untilMs: 30_000 });
        assert.equal(standing(simulation).web, ends === 'v1' ? 'v1 running' : undefined, 'nobody serves before the migration ends');
      });
      await simulation.settle();
      assert.equal(standing(simulation).web, `${ends} running`);
      assert.deepEqual(simulation.violations, []);
    }
  });

  it('comes up in its order, and has come, while a newer release cannot be had', async () => {
    for (const restart of ['always', 'no']) {
      const service = { restart };
      const { simulation } = await beside({ readyAfterMs: 20_000 }, 'healthy', {}, restart === 'no' ? { v1: once } : {}, {
        service,
        proxy: undefined,
      });
      await downAndUp(simulation, async () => {
        simulation.engine.troubles.pull = new KedgeError('PULL_FAILED', 'nobody has it');
        await simulation.accept('v2');
        await simulation.decideNode('up', 'early');
        await simulation.settle({ untilMs: 60_000 });
        assert.equal(standing(simulation).web, restart === 'no' ? 'v1 exited' : 'v1 running');
        const { waiting, comingUp } = (await simulation.record()) ?? {};
        assert.deepEqual([waiting?.code, comingUp], ['PULL_FAILED', undefined]);
        if (restart === 'always') assert.ok(Number(waiting?.failures) < 6, 'the registry is not asked at every look');
      });
    }
  });

  it('makes room for its successor although it crashes again and again', async () => {
    for (const endsAfterMs of [5_000, 45_000]) {
      for (const more of [{}, published]) {
        const v1: Partial<Behaviour> = {};
        const simulation = await open({ v1 });
        await simulation.declare(specOf({ ...proxied, ...more }));
        await simulation.accept('v1');
        await simulation.settle();
        await downAndUp(simulation, async () => {
          Object.assign(v1, { endsAfterMs, exitCode: 1 });
          await simulation.accept('v2');
        });
        assert.deepEqual(standing(simulation), { web: 'v2 running' });
      }
    }
  });

  it('comes up before its successor also where only one of them can run, after what it depends on', async () => {
    const { simulation } = await beside({ readyAfterMs: 5_000 }, 'healthy', {}, {}, published);
    await downAndUp(simulation, async () => await simulation.accept('v2'));
    assert.deepEqual(standing(simulation), { web: 'v2 running', other: 'm1 running' });
    const starts = simulation.engine.starts();
    assert.equal(starts, 5, 'each twice, and the new one');
  });

  it('does not run again what had ended, while its successor waits', async () => {
    const volumes = { volume: [{ source: 'data', target: '/data' }] };
    const ended = specOf({ service: { restart: 'no' }, ...volumes, depends_on: { db: 'healthy' } });
    const simulation = await open({ v1: once, v2: once, d1: { hasHealthCheck: true, readyAfterMs: 300 } });
    const db = specOf({ service: { name: 'db', image: 'db:1' } });
    await simulation.declare(ended, db);
    await simulation.accept('d1', 'db:1');
    await simulation.accept('v1');
    await simulation.settle();
    await simulation.declare(ended);
    await simulation.settle({ untilMs: 60_000 });
    const starts = simulation.engine.starts();
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 400_000 });
    assert.equal(simulation.engine.starts(), starts);
    assert.deepEqual(standing(simulation), { web: 'v1 exited' });
  });

  it('is started again when the reconciler died between its stop and its end', async () => {
    for (const restart of ['no', 'on-failure', 'always']) {
      const simulation = await open();
      await simulation.declare(specOf({ service: { restart, replicas: 2 } }));
      await simulation.accept('v1');
      await simulation.settle();
      await simulation.decideNode('down', 'd');
      await simulation.settle({ crashes: [{ call: 1, of: 'remove', effect: 'before' }], untilMs: 1_500 });
      await simulation.decideNode('up', 'u');
      await simulation.settle();
      const all = simulation.engine.all().map(({ state }) => state);
      assert.deepEqual(all, ['running', 'running'], restart);
    }
  });

  it('does not start what never did, before what it depends on', async () => {
    const { simulation } = await beside(once, 'completed', {}, {}, {}, { initialize: 'on-trigger' });
    assert.deepEqual(standing(simulation).web, undefined);
    await downAndUp(simulation);
    assert.deepEqual(standing(simulation).web, undefined);
  });

  it('is not lost to a newer release that was asked for while it waited', async () => {
    const { simulation } = await beside({ readyAfterMs: 60_000 }, 'healthy', {}, { v2: fails });
    await simulation.decideNode('down', 'd');
    await simulation.settle();
    await simulation.decideNode('up', 'u');
    await simulation.settle({ untilMs: 5_000 });
    await simulation.accept('v2');
    await simulation.request('deploy', 'ask');
    await simulation.settle();
    assert.deepEqual(standing(simulation), { web: 'v1 running', other: 'm1 running' });
  });

  it('comes up in another declaration that was written meanwhile, or as it was when that is no good', async () => {
    for (const [image, ends] of [
      ['app:other', 'm1 running'],
      ['app:broken', 'v1 running'],
    ] as const) {
      const simulation = await open({ v2: fails });
      const spec = specOf(proxied);
      await simulation.declare(spec);
      for (const [version, of] of [['v1'], ['v2', 'app:broken'], ['m1', 'app:other']] as const) await simulation.accept(version, of);
      await simulation.settle();
      await downAndUp(simulation, async () => await simulation.declare(specOf({ ...proxied, service: { image } })));
      assert.deepEqual([standing(simulation), said(simulation, 'service.removed')], [{ web: ends }, [0]]);
      assert.deepEqual(simulation.violations, []);
    }
  });

  it('comes up with its order when it was taken down again while it waited, and waits no longer than from then on', async () => {
    const { simulation } = await beside({ readyAfterMs: 200_000 }, 'healthy');
    for (const turn of ['one', 'two']) {
      await simulation.decideNode('down', `down-${turn}`);
      await simulation.settle({ untilMs: 1_200_000 });
      await simulation.decideNode('up', `up-${turn}`);
      await simulation.settle({ untilMs: 10_000 });
      assert.equal((await simulation.record())?.waiting?.code, 'DEPENDENCY_PENDING', turn);
    }
    await simulation.settle();
    assert.deepEqual(standing(simulation), { web: 'v1 running', other: 'm1 running' });
  });

  it('has time to be fit after what it waited for, although a newer release waits with it', async () => {
    const { simulation } = await beside({ readyAfterMs: 90_000 }, 'healthy', {}, { v1: { readyAfterMs: 20_000 }, v2: fails }, published);
    await downAndUp(simulation, async () => await simulation.accept('v2'));
    assert.deepEqual([standing(simulation).web, said(simulation, 'deploy.rolledback')], ['v1 running', [1]]);
    const begun = simulation.events.findLast(({ type, subject }) => type === 'deploy.started.v1' && subject === 'web');
    const other = simulation.engine.all().find(({ kedge }) => kedge?.service === 'other');
    const fitAfterMs = 90_000 + 20_000;
    assert.ok(Date.parse(String(begun?.time)) >= Number(other?.startedAt) + fitAfterMs, `${begun?.time} after ${other?.startedAt}`);
  });

  it('runs again when all comes up although it had failed before', async () => {
    const behaviour = { ...once, endsAfterMs: 1_000, exitCode: 1 };
    const simulation = await open({ v1: behaviour });
    await simulation.declare(specOf({ service: { restart: 'no' } }));
    await simulation.accept('v1');
    await simulation.settle();
    assert.equal((await simulation.record())?.last?.outcome, 'failed');
    await downAndUp(simulation, async () => Object.assign(behaviour, { exitCode: 0 }));
    const { serving, last, requested } = (await simulation.record()) ?? {};
    assert.deepEqual([serving?.digest, last?.outcome, requested], [digestOf('v1'), 'succeeded', undefined]);
    await simulation.settle();
    assert.equal(simulation.engine.starts(), 2);
  });

  it('is fit before its successor stops it, also where it has its name from its start', async () => {
    for (const restart of ['always', 'on-failure', 'no']) {
      const spec = specOf({ ...published, service: { restart } });
      const simulation = await open({ v1: { readyAfterMs: 5_000 }, v2: { isMissing: true } });
      await simulation.declare(spec);
      await simulation.accept('v1');
      await simulation.settle();
      let upAt = Number.POSITIVE_INFINITY;
      await downAndUp(simulation, async () => {
        await simulation.accept('v2');
        upAt = simulation.now();
      });
      assert.equal(standing(simulation).web, 'v1 running', restart);
      const begun = simulation.events.findLast(({ type }) => type === 'deploy.started.v1');
      assert.ok(Date.parse(String(begun?.time)) >= upAt + 5_000, `${begun?.time}`);
      assert.equal(simulation.engine.starts(), 3, 'once before, once when it comes up, and once more after its successor');
    }
  });

  it('keeps its record when somebody asks for it while it waits', async () => {
    const { simulation } = await beside({ readyAfterMs: 60_000 }, 'healthy', { initialize: 'on-trigger' });
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    await simulation.decideNode('down', 'd');
    await simulation.settle();
    await simulation.decideNode('up', 'u');
    await simulation.settle({ untilMs: 5_000 });
    await simulation.request('deploy', 'ask-2');
    await simulation.settle({ untilMs: 5_000 });
    assert.equal((await simulation.record())?.waiting?.code, 'DEPENDENCY_PENDING');
    await simulation.settle();
    assert.deepEqual([standing(simulation).web, said(simulation, 'service.removed')], ['v1 running', [0]]);
  });
});

describe('what was taken down, and came after something that has to complete', () => {
  it('comes up beside the release of that which completed, while its newest is barred', async () => {
    const { simulation } = await beside(once, 'completed', {}, { m2: fails });
    await simulation.accept('m2', 'job:1');
    await simulation.settle();
    await downAndUp(simulation);
    assert.deepEqual(standing(simulation), { web: 'v1 running', other: 'm1 exited' });
    assertAfter(simulation);
  });

  it('comes up in its order when the newest release of that came, and failed, while all was down', async () => {
    const { simulation } = await beside(once, 'completed', {}, { m2: fails });
    await downAndUp(simulation, async () => await simulation.accept('m2', 'job:1'));
    assert.deepEqual(standing(simulation), { web: 'v1 running', other: 'm1 exited' });
    assertAfter(simulation);
  });

  for (const dispenser of [{ initialize: 'on-trigger' }, { initialize: 'on-trigger', cron: '0 3 * * *' }, { cron: '0 3 * * *' }]) {
    it(`comes up without it where nothing starts that again: ${JSON.stringify(dispenser)}`, async () => {
      const { simulation, declare } = await beside(once, 'completed');
      await declare(dispenser);
      await simulation.settle();
      await downAndUp(simulation);
      assert.equal(standing(simulation).web, 'v1 running');
    });
  }
});
