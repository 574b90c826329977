import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '@kedge/shared/kernel';
import { assertServes, proxied, serving, specOf, twoProxies, type Watched } from './testing/stories.ts';

const spec = specOf(proxied);

function first(simulation: Watched): string {
  return simulation.engine.all()[0]?.id ?? '';
}

describe('requests for a service whose container ended by itself', () => {
  it('are held before anything is made, and until it is ready again', async () => {
    const simulation = await serving(spec, {}, twoProxies);
    simulation.engine.lose(first(simulation));
    await simulation.settle({ crashes: [{ of: 'create', call: 1, effect: 'before' }], untilMs: 1 });
    assert.deepEqual(simulation.engine.all(), []);
    assert.deepEqual([(await simulation.endpoints())?.hold, (await simulation.endpoints())?.targets], [true, []]);
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('are held while the same container starts again', async () => {
    const simulation = await serving(spec, {}, twoProxies);
    const id = first(simulation);
    simulation.engine.kill(id);
    await simulation.settle({ untilMs: 50 });
    assert.deepEqual(
      simulation.engine.all().map((each) => [each.id, each.state]),
      [[id, 'running']],
    );
    assert.equal((await simulation.endpoints())?.hold, true);
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });

  it('are not held while another container answers', async () => {
    const two = specOf({ service: { replicas: 2 }, ...proxied });
    const simulation = await serving(two, {}, twoProxies);
    simulation.engine.kill(first(simulation));
    await simulation.settle({ untilMs: 50 });
    assert.equal((await simulation.endpoints())?.hold, undefined);
  });

  it('are not held any more when an obstacle keeps it from coming back', async () => {
    const simulation = await serving(spec, {}, twoProxies);
    simulation.engine.troubles.start = { image: '', error: new RetryableError('ENGINE_ERROR', 'the engine cannot start') };
    simulation.engine.kill(first(simulation));
    await simulation.settle({ untilMs: 4_000 });
    assert.equal((await simulation.record())?.waiting?.code, 'ENGINE_ERROR');
    assert.equal((await simulation.endpoints())?.hold, undefined);
    simulation.engine.troubles.start = null;
    await simulation.settle();
    await assertServes(simulation, spec, 'v1');
  });
});
