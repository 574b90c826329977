import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasReached, RoutesChanged, serviceKey } from '@kedge/shared/contracts';
import { node, web } from './testing/simulated-proxies.ts';
import { assertServes, drain, proxied, said, serving, specOf, twoProxies, type Watched } from './testing/stories.ts';

/** The process dies after it wrote a table and before it told anybody. */
const untold = [{ of: 'publish routes.changed', call: 1, effect: 'before' }] as const;

/** Lets time go by until there is no table any more; gives what each proxy had applied by then. */
async function watchForget({ stores, settle }: Watched): Promise<readonly (string | undefined)[]> {
  while (await stores.endpoints.get(serviceKey(node, web))) await settle({ untilMs: 1 });
  return [...(await stores.proxies.readAll(node)).values()].map(({ value }) => value.applied[web]);
}

describe('the proxies', () => {
  it('are told of the switch although the process died between the table and the event', async () => {
    const spec = specOf(proxied);
    const simulation = await serving(spec, {}, twoProxies);
    const [before = 0] = said(simulation, 'routes.changed');
    await simulation.accept('v2');
    await simulation.settle({ crashes: untold });
    await assertServes(simulation, spec, 'v2');
    // One for the switch, one for the table without the old release.
    assert.deepEqual(said(simulation, 'routes.changed'), [before + 2]);
    const ended = simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1')?.data;
    assert.partialDeepStrictEqual(ended, { drained: true, openRequests: 0 });
  });

  it('are told before a replica too many leaves, although the bound passed while nobody was there to tell them', async () => {
    const hasty = { ...proxied, drain: { ...drain, timeout: '400ms', dns_settle: '0s' } };
    const simulation = await serving(specOf({ service: { replicas: 2 }, ...hasty }), {}, [
      { instance: 'p1', applyAfterMs: 300, requestsLastMs: 0 },
    ]);
    const fewer = specOf({ service: { replicas: 1 }, ...hasty });
    await simulation.declare(fewer);
    await simulation.settle({ crashes: untold });
    await assertServes(simulation, fewer, 'v1');
  });

  it('are told of a removal although the process died before it could', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.declare(null);
    await simulation.settle({ crashes: untold });
    assert.deepEqual(simulation.engine.all(), []);
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
    assert.deepEqual(simulation.violations, []);
  });

  it('know the empty table of a removed service before it is forgotten', async () => {
    const simulation = await serving(specOf(proxied), {}, twoProxies);
    await simulation.declare(null);
    const applied = await watchForget(simulation);
    const last = simulation.events.findLast(({ type }) => type === 'routes.changed.v1')?.data;
    const { revision } = RoutesChanged.parse(last);
    assert.deepEqual(
      applied.map((each) => hasReached(each, revision)),
      [true, true],
    );
  });

  it('keep no removed service from being forgotten when they learn nothing any more', async () => {
    const [healthy] = twoProxies;
    const deaf = { instance: 'p2', applyAfterMs: 3_600_000, requestsLastMs: 0 };
    const simulation = await serving(specOf(proxied), {}, healthy ? [healthy, deaf] : [deaf]);
    await simulation.declare(null);
    await simulation.settle();
    assert.deepEqual([await simulation.record(), await simulation.endpoints()], [null, null]);
  });
});
