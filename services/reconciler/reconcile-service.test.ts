import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { digestOf } from './testing/simulation.ts';
import {
  assertServes,
  crashing,
  drain,
  ends,
  neverReady,
  open,
  proxied,
  published,
  quickGate,
  said,
  serving,
  specOf,
  twoProxies,
} from './testing/stories.ts';

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

  it('brings the old release back when the new one crashes right after the switch', async () => {
    const spec = specOf(proxied);
    const patient = [{ instance: 'p1', applyAfterMs: 100, requestsLastMs: 4_000 }];
    const simulation = await serving(spec, { v2: { readyAfterMs: 100, endsAfterMs: 1_500, exitCode: 9 } }, patient);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
  });

  it('waits for an image that cannot be pulled, bars nothing, and goes on when it can', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    simulation.guardCapacity(1);
    simulation.engine.troubles.pull = new RetryableError('REGISTRY_UNREACHABLE', 'the registry does not answer');
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 200_000 });
    const record = await simulation.record();
    assert.deepEqual([record?.waiting?.code, record?.waiting?.failures, record?.rollout?.step], ['REGISTRY_UNREACHABLE', 4, 'waiting']);
    assert.deepEqual(said(simulation, ...ends), [2, 1, 0, 0]);
    simulation.engine.troubles.pull = null;
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
  });

  it('repairs what serves while a rollout waits', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    await simulation.accept('v2');
    const pull = new RetryableError('REGISTRY_UNREACHABLE', 'the registry does not answer');
    simulation.engine.troubles.pull = pull;
    await simulation.settle({ untilMs: 200_000 });
    simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle({ untilMs: 30_000 });
    const [repaired] = simulation.engine.all();
    assert.deepEqual([repaired?.state, repaired?.kedge?.digest], ['running', digestOf('v1')]);
    assert.deepEqual(
      (await simulation.endpoints())?.targets.map(({ id }) => id),
      [repaired?.id],
    );
  });

  it('brings the old release back while an obstacle keeps the new one from starting after a stop-first', async () => {
    const spec = specOf({ ...proxied, ...published });
    const simulation = await serving(spec, {}, twoProxies);
    const [old] = simulation.engine.all();
    simulation.engine.troubles.start = { image: digestOf('v2'), error: new TerminalError('ENGINE_REFUSED', 'no such device') };
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 4_000 });
    await simulation.settle({ untilMs: 9_000 });
    assert.deepEqual(
      (await simulation.endpoints())?.targets.map(({ id, state }) => [id, state]),
      [[old?.id, 'ready']],
    );
    assert.equal((await simulation.record())?.waiting?.code, 'ENGINE_REFUSED');
    simulation.engine.troubles.start = null;
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.deepEqual(said(simulation, ...ends), [2, 2, 0, 0]);
  });

  it('takes the newest release when a stop-first rollout is overtaken', async () => {
    const spec = specOf({ ...proxied, ...published, ...quickGate });
    const simulation = await serving(spec, { v2: neverReady }, twoProxies);
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 3_000 });
    await simulation.accept('v3');
    await simulation.settle();
    await assertServes(simulation, spec, 'v3');
  });

  it('stays with its first digest when it is not watched, until somebody asks', async () => {
    const spec = specOf({ ...proxied, dispenser: { watch: false } });
    const simulation = await serving(spec);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    await simulation.accept('v3');
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.deepEqual(said(simulation, ...ends), [2, 2, 0, 0]);
  });

  it('stays with what serves after a request that found nothing new', async () => {
    const spec = specOf({ ...proxied, dispenser: { watch: false } });
    const simulation = await serving(spec);
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });

  it('tries a barred release again when somebody lifts the bar', async () => {
    const behaviours = { v2: { ...crashing } };
    const spec = specOf(proxied);
    const simulation = await serving(spec, behaviours);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    Object.assign(behaviours.v2, { readyAfterMs: 10, endsAfterMs: null });
    await simulation.request('clear', 'clear-1');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.deepEqual(said(simulation, 'release.barred', 'release.cleared'), [1, 1]);
  });

  it('runs again what runs once when somebody asks', async () => {
    const simulation = await open({ v1: { readyAfterMs: null, endsAfterMs: 200, exitCode: 7 } });
    await simulation.declare(specOf({ service: { restart: 'no' } }));
    await simulation.accept('v1');
    await simulation.settle();
    const [first] = simulation.engine.all();
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    const [second] = simulation.engine.all();
    assert.ok((second?.startedAt?.getTime() ?? 0) > (first?.startedAt?.getTime() ?? 0));
    assert.deepEqual(said(simulation, ...ends), [2, 0, 2, 0]);
  });

  it('starts a service on-trigger only when its image changes', async () => {
    const simulation = await open();
    const spec = specOf({ ...proxied, dispenser: { watch: true, initialize: 'on-trigger' } });
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
  });

  it('thaws a container that somebody froze', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    simulation.engine.interruptAliases(simulation.engine.all()[0]?.id ?? '');
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
    assert.deepEqual(said(simulation, 'container.drifted'), [1]);
  });

  it('keeps what serves when the knowledge about images was lost', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec);
    await simulation.forgetImages();
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });
});
