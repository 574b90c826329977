import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertServes, proxied, quickGate, serving, specOf, twoProxies } from './testing/stories.ts';

describe('a service whose volume has no source', () => {
  const old = specOf({ ...proxied, ...quickGate, volume: [{ source: './data', target: '/data' }] });
  const file = { source: './app.conf', target: '/etc/app.conf', readonly: true };
  const next = specOf({ ...proxied, ...quickGate, volume: [{ source: './data', target: '/data' }, file] });
  const missing = '/host/config/app.conf';

  it('is not stopped for a release that needs a file which is not there, and rolls when it is', async () => {
    const simulation = await serving(old, {}, twoProxies);
    const before = simulation.engine.all().map(({ id, startedAt }) => [id, startedAt]);
    simulation.engine.missingPaths.add(missing);
    await simulation.declare(next);
    await simulation.settle({ untilMs: 120_000 });
    const waiting = (await simulation.record())?.waiting;
    assert.equal(waiting?.code, 'SOURCE_MISSING');
    assert.match(waiting?.message ?? '', /no \/host\/config\/app\.conf \(declared as "\.\/app\.conf"\)/);
    const running = simulation.engine.all().filter(({ state }) => state === 'running');
    assert.deepEqual(
      running.map(({ id, startedAt }) => [id, startedAt]),
      before,
    );

    simulation.engine.missingPaths.delete(missing);
    await simulation.settle();
    await assertServes(simulation, next, 'v1');
  });
});
