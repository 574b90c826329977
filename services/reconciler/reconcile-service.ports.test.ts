import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertServes, ends, open, proxied, published, said, serving, specOf, twoProxies } from './testing/stories.ts';

describe('a published port that somebody else has', () => {
  const moved = specOf({ ...proxied, port: [{ host: 9090, container: 80 }] });

  it('stops nothing: the old release serves until the port is free', async () => {
    const spec = specOf({ ...proxied, ...published });
    const simulation = await serving(spec, {}, twoProxies);
    const [old] = simulation.engine.all();
    const starts = simulation.engine.starts();
    simulation.engine.occupied.add(9090);
    simulation.guardCapacity(1);
    await simulation.declare(moved);
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual(
      simulation.engine.all().map(({ id, state }) => [id, state]),
      [[old?.id, 'running']],
    );
    assert.equal(simulation.engine.starts(), starts);
    const waiting = (await simulation.record())?.waiting;
    assert.equal(waiting?.code, 'PORT_TAKEN');
    assert.match(waiting?.message ?? '', /^port 9090 of the host is taken by another program; free it or change \[\[port\]\] host/);
    assert.deepEqual(simulation.violations, []);

    simulation.guardCapacity(null);
    simulation.engine.occupied.clear();
    await simulation.settle();
    await assertServes(simulation, moved, 'v1');
    assert.deepEqual(said(simulation, ...ends), [2, 2, 0, 0]);
  });

  it('is named with the container that has it', async () => {
    const simulation = await serving(specOf({ ...proxied, ...published }));
    simulation.engine.addForeign('nginx', [{ host: 9090, container: 80, protocol: 'tcp', hostIp: '0.0.0.0' }]);
    await simulation.declare(moved);
    await simulation.settle({ untilMs: 30_000 });
    assert.match((await simulation.record())?.waiting?.message ?? '', /port 9090 of the host is taken by container nginx/);
  });

  it('makes no container for a first start', async () => {
    const simulation = await open();
    simulation.engine.occupied.add(9090);
    await simulation.declare(moved);
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 120_000 });
    assert.deepEqual(simulation.engine.all(), []);
    assert.equal((await simulation.record())?.waiting?.code, 'PORT_TAKEN');
    simulation.engine.occupied.clear();
    await simulation.settle();
    await assertServes(simulation, moved, 'v1');
  });

  it('does not count when the old container of the service has it', async () => {
    const spec = specOf({ ...proxied, ...published });
    const simulation = await serving(spec, {}, twoProxies);
    await simulation.accept('v2');
    await simulation.settle();
    await assertServes(simulation, spec, 'v2');
  });
});
