import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError, TerminalError } from '@kedge/shared/kernel';
import { digestOf } from './testing/simulation.ts';
import {
  assertServes,
  crashing,
  drain,
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
} from './testing/stories.ts';

describe('a rollout', () => {
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

  it('names the event that led to it, and no later one does', async () => {
    const simulation = await serving(specOf());
    await simulation.accept('v2');
    await simulation.settle();
    await simulation.declare(specOf({ env: { COLOUR: 'green' } }));
    await simulation.settle();
    const started = simulation.events.filter(({ type }) => type === 'deploy.started.v1').slice(1);
    assert.deepEqual(
      started.map(({ causationid }) => causationid),
      ['image.updated/v2', undefined],
    );
  });

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

  for (const [kind, more] of Object.entries({ 'start-first': {}, 'stop-first': published })) {
    it(`claims no proof that a proxy never gave, and names that proxy (${kind})`, async () => {
      const spec = specOf({ ...proxied, ...more });
      const late = { instance: 'p2', applyAfterMs: 0, requestsLastMs: 0 };
      const simulation = await serving(spec, {}, [...twoProxies.slice(0, 1), late]);
      late.applyAfterMs = 3_600_000;
      await simulation.accept('v2');
      await simulation.settle({ untilMs: 120_000 });
      assert.equal((await simulation.record())?.serving?.digest, digestOf('v2'));
      const ended = simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1')?.data;
      assert.partialDeepStrictEqual(ended, { drained: false, openRequests: 0 });
      const steps = simulation.events.filter(({ type }) => type === 'deploy.progressed.v1').map(({ data }) => data as { message: string });
      assert.ok(steps.some(({ message }) => /without the proof of p2; requests known to be open on the old containers: 0$/.test(message)));
    });
  }

  it('waits for a silent proxy until the bound, and no longer once it counts as lost', async () => {
    const spec = specOf({ ...proxied, drain: { ...drain, timeout: '10m' } });
    const simulation = await serving(spec, {}, [{ instance: 'p1', applyAfterMs: 0, requestsLastMs: 0, isDead: true }]);
    const before = simulation.now();
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.ok(simulation.now() - before < 300_000);
  });

  for (const [name, behaviour] of Object.entries({ crashes: crashing, 'cannot start': missing, 'never becomes ready': neverReady })) {
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

  it('keeps a server whose successor never listens at the port that their image names', async () => {
    const exposes = [8080];
    const simulation = await serving(specOf(), { v1: { exposes }, v2: { ...neverReady, exposes } });
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, specOf(), 'v1');
    assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
  });

  it('replaces a worker by the next one, though their image names a port that neither of them opens', async () => {
    const deaf = { listensOn: [], exposes: [8080] };
    const simulation = await serving(specOf(), { v1: deaf, v2: deaf });
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, specOf(), 'v2');
  });

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

  for (const [name, behaviour] of Object.entries({ crashes: crashing, 'cannot start': missing })) {
    it(`starts the same old container again, once, when the new one ${name} after a stop-first`, async () => {
      const spec = specOf({ ...proxied, ...published });
      const simulation = await serving(spec, { v2: behaviour }, twoProxies);
      const [old] = simulation.engine.all();
      const before = simulation.engine.starts();
      await simulation.accept('v2');
      await simulation.settle();
      await assertServes(simulation, spec, 'v1');
      assert.equal(simulation.engine.all()[0]?.id, old?.id);
      assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
      assert.equal(simulation.engine.starts() - before, behaviour === missing ? 1 : 2);
    });
  }

  it('says once that a first start was refused, with the code and the words of the engine, and tries it again', async () => {
    const behaviours = { v1: { ...missing } };
    const simulation = await open(behaviours);
    const spec = specOf(proxied);
    await simulation.declare(spec);
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(said(simulation, ...ends), [1, 0, 1, 0]);
    const failed = simulation.events.findLast(({ type }) => type === 'deploy.failed.v1')?.data;
    assert.partialDeepStrictEqual(failed, {
      reason: 'crashed',
      exitCode: 127,
      message: 'it cannot be started: no such file or directory',
      barred: false,
    });
    Object.assign(behaviours.v1, { isMissing: false });
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
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
    assert.deepEqual(said(simulation, ...ends, 'deploy.superseded'), [3, 2, 0, 0, 1]);
    const { correlationid, data } = simulation.events.find(({ type }) => type === 'deploy.superseded.v1') ?? {};
    assert.partialDeepStrictEqual(data, { rollout: correlationid, digest: digestOf('v2'), reason: 'another release is wanted' });
  });

  it('has nothing left of a rollout that was given up while the image of the newest is pulled', async () => {
    const simulation = await serving(specOf(), { v2: { ...neverReady, hasHealthCheck: true } });
    const { engine } = simulation;
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 5_000 });
    assert.equal(engine.all().length, 2);
    const { pull } = engine;
    let running = 0;
    engine.pull = async (...given) => {
      running = engine.all().length;
      return await pull(...given);
    };
    await simulation.accept('v3');
    await simulation.settle();
    assert.equal(running, 1);
    await assertServes(simulation, specOf(), 'v3');
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
    assert.deepEqual(said(simulation, ...ends, 'deploy.superseded'), [2, 1, 0, 0, 1]);
  });

  it('says that a rollout was given up when its service is declared no more', async () => {
    const simulation = await serving(specOf({ ...proxied }), { v2: neverReady }, twoProxies);
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 5_000 });
    await simulation.declare(null);
    await simulation.settle();
    assert.equal(await simulation.record(), null);
    assert.deepEqual(said(simulation, ...ends, 'deploy.superseded'), [2, 1, 0, 0, 1]);
  });

  it('keeps the last lines of a release that failed, as many and as long as a status can show', async () => {
    const spec = specOf({ ...proxied, ...quickGate });
    const simulation = await serving(spec, { v2: crashing }, twoProxies);
    simulation.engine.printed.splice(0, 1, ...Array.from({ length: 30 }, (_none, line) => `${line} ${'x'.repeat(600)}`));
    await simulation.accept('v2');
    await simulation.settle();
    const lines = (await simulation.record())?.last?.lastLines ?? [];
    assert.deepEqual([lines.length, lines[0]?.slice(0, 3), lines[0]?.length], [20, '10 ', 500]);
  });

  it('keeps the last lines of a first start that failed, until it works', async () => {
    const behaviours = { v1: { ...crashing } };
    const simulation = await open(behaviours);
    await simulation.declare(specOf(proxied));
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual((await simulation.record())?.last?.lastLines, ['the last words']);
    Object.assign(behaviours.v1, { readyAfterMs: 10, endsAfterMs: null });
    await simulation.settle();
    assert.equal((await simulation.record())?.last?.lastLines, undefined);
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
});
