import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publishedBy } from './core/desired-container.ts';
import { drain, ends, said, serving, specOf, twoProxies } from './testing/stories.ts';

const port = { host: 5432, container: 5433, proxy_protocol: 'v2' as const };
const taken = { proxied_port: [port], drain };
const inEntry = { host: 5432, container: 5433, proxy_protocol: 'v2', idle_ms: 3_600_000 };

describe('a port that the proxy takes', () => {
  it('is in the table beside targets, and the container publishes nothing', async () => {
    const simulation = await serving(specOf(taken), {}, twoProxies);
    const entry = await simulation.endpoints();
    assert.deepEqual([entry?.routes, entry?.ports, entry?.targets.map(({ state }) => state)], [[], [inEntry], ['ready']]);
    assert.deepEqual(publishedBy(specOf(taken)), []);
  });

  it('is handed on by a rollout that starts the new container first and waits for the proof that the old one is quiet', async () => {
    const simulation = await serving(specOf(taken), {}, twoProxies);
    const [before] = simulation.engine.all();
    simulation.guardCapacity(1);
    await simulation.accept('v2');
    await simulation.settle();
    const [after, ...others] = simulation.engine.all();
    assert.deepEqual([others, before?.id === after?.id], [[], false]);
    assert.deepEqual(simulation.violations, []);
    const ended = simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1')?.data;
    assert.partialDeepStrictEqual(ended, { drained: true, openRequests: 0 });
    const entry = await simulation.endpoints();
    assert.deepEqual([entry?.ports, entry?.targets.map(({ id }) => id)], [[inEntry], [after?.id]]);
  });

  it('moves without another container', async () => {
    const simulation = await serving(specOf(taken), {}, twoProxies);
    const [before] = simulation.engine.all();
    await simulation.declare(specOf({ proxied_port: [{ host: 5444, container: 5433, idle_timeout: '10m' }], drain }));
    await simulation.settle();
    assert.deepEqual((await simulation.endpoints())?.ports, [{ host: 5444, container: 5433, idle_ms: 600_000 }]);
    assert.deepEqual(
      simulation.engine.all().map(({ id }) => id),
      [before?.id],
    );
    assert.deepEqual(said(simulation, ...ends), [1, 1, 0, 0]);
  });

  it('is closed before the new container publishes it, which starts when the old one stopped', async () => {
    const simulation = await serving(specOf(taken), {}, twoProxies);
    const tables: (readonly [ports: number | undefined, hold: boolean | undefined])[] = [];
    await simulation.declare(specOf({ port: [{ host: 5432, container: 5433 }], drain }));
    const { start } = simulation.engine;
    Object.assign(simulation.engine, {
      async start(id: string) {
        const entry = await simulation.endpoints();
        tables.push([entry?.ports?.length, entry?.hold]);
        await start(id);
      },
    });
    await simulation.settle();
    assert.deepEqual(tables, [[undefined, true]]);
    assert.deepEqual([simulation.engine.all().length, await simulation.endpoints(), simulation.violations], [1, null, []]);
  });

  it('goes when it is declared no more, and so does the entry', async () => {
    const simulation = await serving(specOf(taken), {}, twoProxies);
    await simulation.declare(specOf({ drain }));
    await simulation.settle();
    assert.equal(await simulation.endpoints(), null);
    assert.equal(simulation.engine.all().length, 1);
    assert.deepEqual(simulation.violations, []);
  });

  it('goes with its service, whose connections end first', async () => {
    const simulation = await serving(specOf(taken), {}, twoProxies);
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual([await simulation.endpoints(), simulation.engine.all(), simulation.violations], [null, [], []]);
  });
});
