import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertServes, proxied, quickGate, serving, specOf, twoProxies, type Watched } from './testing/stories.ts';

const spec = specOf({
  ...proxied,
  ...quickGate,
  volume: [
    { source: 'data', target: '/data' },
    { source: './web/conf', target: '/conf' },
  ],
});

/** What the containers that run may write to. */
async function written(simulation: Watched): Promise<readonly string[]> {
  return (await simulation.engine.writable()).map(({ source }) => source);
}

describe('the volumes of a service', () => {
  it('are the same, by name, for every container that takes the place of another', async () => {
    const simulation = await serving(spec, {}, twoProxies);
    const volumes = ['data', '/host/config/web/conf'];
    assert.deepEqual(await written(simulation), volumes);

    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
    assert.deepEqual(await written(simulation), volumes);

    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual([simulation.engine.all(), await written(simulation)], [[], []]);
    await simulation.declare(spec);
    await simulation.settle();
    assert.deepEqual(await written(simulation), volumes);

    await simulation.decideNode('down', 'd1');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    await simulation.decideNode('up', 'u1');
    await simulation.settle();
    assert.deepEqual(await written(simulation), volumes);
  });
});
