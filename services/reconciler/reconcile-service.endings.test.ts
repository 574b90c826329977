import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DeployProgressed } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import { assertServes, crashing, ends, proxied, quickGate, said, serving, specOf, twoProxies } from './testing/stories.ts';

describe('a container that says very much before it ends', () => {
  it('is judged, told and barred like any other, and the next good release follows', async () => {
    const spec = specOf({ ...proxied, ...quickGate });
    const simulation = await serving(spec, { bad: crashing }, twoProxies);
    simulation.engine.printed.splice(0, 1, 'x'.repeat(600_000));
    await simulation.accept('bad');
    await simulation.settle();
    assert.deepEqual(said(simulation, ...ends), [2, 1, 1, 1]);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
  });
});

describe('the end of a service', () => {
  const patient = specOf({
    ...proxied,
    ...quickGate,
    service: { stop_grace_period: '2m' },
    drain: { timeout: '5m', dns_settle: '1s' },
  });
  const slow = [{ instance: 'p1', applyAfterMs: 300, requestsLastMs: 200_000 }];

  for (const [how, action] of [
    ['that is declared no more', 'undeclare'],
    ['that is taken down', 'down'],
  ] as const) {
    it(`${how} waits for its requests and for its own end as long as it was declared to`, async () => {
      const simulation = await serving(patient, {}, slow);
      const from = simulation.now();
      const stops: { readonly afterMs: number; readonly graceMs: number }[] = [];
      const { stop } = simulation.engine;
      simulation.engine.stop = async (id, graceMs) => {
        stops.push({ afterMs: simulation.now() - from, graceMs });
        await stop(id, graceMs);
      };
      await (action === 'down' ? simulation.decideNode('down', 'd') : simulation.declare(null));
      await simulation.settle();
      assert.deepEqual(simulation.engine.all(), []);
      assert.deepEqual(
        stops.map(({ graceMs }) => graceMs),
        [120_000],
      );
      assert.ok((stops[0]?.afterMs ?? 0) >= 200_000, `stopped after ${stops[0]?.afterMs} ms`);
      assert.deepEqual(simulation.violations, []);
    });
  }

  for (const restart of [false, true]) {
    it(`leaves its address to nobody for a while${restart ? ', whoever acts next' : ''}`, async () => {
      const spec = specOf({ ...proxied, ...quickGate });
      const simulation = await serving(spec, {}, twoProxies);
      const before = simulation.engine.all()[0]?.address;
      await simulation.declare(null);
      await simulation.settle({ untilMs: 120_000 });
      await simulation.declare(spec);
      await simulation.settle({ untilMs: 60_000, crashes: restart ? [{ call: 1, effect: 'before' }] : [] });
      const after = simulation.engine.all()[0]?.address;
      assert.notEqual(after, undefined);
      assert.notEqual(after, before);
    });
  }
});

describe('a rollout that cannot go on', () => {
  it('tells what it waits for, once', async () => {
    const simulation = await serving(specOf({ ...proxied, ...quickGate }), {}, twoProxies);
    const before = simulation.events.length;
    simulation.engine.troubles.pull = new RetryableError('ENGINE_ERROR', 'no space left on device');
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 120_000 });
    const told = simulation.events.slice(before).filter(({ type }) => type === 'deploy.progressed.v1');
    const waits = told.map(({ data }) => DeployProgressed.parse(data)).filter(({ step }) => step === 'waiting');
    assert.deepEqual(
      waits.map(({ message }) => message),
      ['ENGINE_ERROR: no space left on device'],
    );
  });
});
