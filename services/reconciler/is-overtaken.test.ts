import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type EndpointsEntry, ImageReference, releaseName, ServiceName, serviceKey } from '@kedge/shared/contracts';
import { createOvertaken } from './is-overtaken.ts';
import { openStores } from './stores.ts';
import type { CrashPoint } from './testing/crash-points.ts';
import { createMemoryBus, createMemoryStore } from './testing/memory-bus.ts';
import { container, rolloutTo, target } from './testing/observed.ts';
import { node, put } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { assertServes, crashing, open, proxied, serving, specOf, type Watched } from './testing/stories.ts';
import { callsToDieAt, seed } from './testing/sweep.ts';
import { recordOf, worldOf } from './testing/world.ts';

/** Long enough for all of this to happen while the first one leaves. */
const lasting = { drain: { timeout: '40s', dns_settle: '500ms' } };
const slowToLeave = [{ instance: 'p1', applyAfterMs: 100, requestsLastMs: 30_000 }];
const web = specOf({ ...proxied, ...lasting });
const shop = specOf({ ...proxied, ...lasting, service: { name: 'shop' } });

/** What requests may be answered by now. */
async function answering({ engine, stores }: Watched): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { value } of (await stores.endpoints.readAll(node)).values()) {
    const ready = value.routes.length > 0 ? value.targets.filter(({ state }) => state === 'ready').map(({ id }) => id) : [];
    for (const { id, kedge } of engine.all()) {
      const version = ['v1', 'v2'].find((each) => digestOf(each) === kedge?.digest);
      if (ready.includes(id)) found.push(`${kedge?.service} ${version}`);
    }
  }
  return found.toSorted();
}

async function until(simulation: Watched, expected: string): Promise<void> {
  for (let look = 0; look < 600; look += 1) {
    if ((await answering(simulation)).join() === expected) return;
    await simulation.settle({ untilMs: 50 });
  }
  assert.fail(`${expected} never answered alone`);
}

/** The old name still leaves, and another version is served under the new one. */
async function overtaken(): Promise<Watched> {
  const simulation = await serving(web, { bad: crashing }, slowToLeave);
  simulation.guardCapacity(1);
  await simulation.declare(null, shop);
  await until(simulation, 'shop v1');
  await simulation.accept('v2');
  await until(simulation, 'shop v2');
  assert.notEqual((await simulation.record())?.leavingSince, undefined);
  return simulation;
}

describe('a service that gets its old name back while that still leaves', () => {
  it('is never answered by the version that it had under the old name', async () => {
    const simulation = await overtaken();
    await simulation.declare(web);
    const seen = new Set<string>();
    for (let look = 0; look < 1_200; look += 1) {
      await simulation.settle({ untilMs: 50 });
      for (const each of await answering(simulation)) seen.add(each);
    }
    assert.deepEqual([...seen].toSorted(), ['shop v2', 'web v2']);
    await assertServes(simulation, web, 'v2');
  });

  it('serves the newest under the old name wherever the process dies', async (t) => {
    t.diagnostic(`KEDGE_TEST_SEED=${seed}`);
    const returned = async (crashes: readonly CrashPoint[]) => {
      const simulation = await overtaken();
      await simulation.declare(web);
      const before = simulation.calls();
      await simulation.settle({ crashes });
      await simulation.settle({ untilMs: 60_000 });
      await assertServes(simulation, web, 'v2');
      return simulation.calls() - before;
    };
    for (const call of callsToDieAt(await returned([]), 6)) await returned([{ call, effect: 'after' }]);
  });

  it('goes on where the other one serves the same', async () => {
    const simulation = await serving(web, {}, slowToLeave);
    const [before] = simulation.engine.all();
    await simulation.declare(null, shop);
    await until(simulation, 'shop v1');
    await simulation.declare(web);
    await simulation.settle({ untilMs: 60_000 });
    assert.equal(simulation.engine.all()[0]?.id, before?.id);
    await assertServes(simulation, web, 'v1');
  });

  it('goes on as it was where what is wanted now was barred under the old name', async () => {
    const simulation = await serving(web, { bad: crashing }, slowToLeave);
    await simulation.accept('bad');
    await simulation.settle({ untilMs: 60_000 });
    await simulation.accept('v2', 'shop:latest');
    await simulation.declare(null, specOf({ ...proxied, ...lasting, service: { name: 'shop', image: 'shop:latest' } }));
    await until(simulation, 'shop v2');
    const [before] = simulation.engine.all().filter(({ kedge }) => kedge?.service === 'web');
    assert.ok(before);
    await simulation.declare(web);
    await simulation.settle({ untilMs: 60_000 });
    assert.equal(simulation.engine.all()[0]?.id, before.id);
    await assertServes(simulation, web, 'v1');
  });

  it('comes back as it was when what is wanted turns out to be bad', async () => {
    const simulation = await overtaken();
    await simulation.accept('bad');
    await simulation.declare(web);
    await simulation.settle({ untilMs: 120_000 });
    await assertServes(simulation, web, 'v1');
    assert.ok(simulation.events.some(({ type }) => type === 'release.barred.v1'));
  });

  it('comes up at once where nobody else answers for one of its routes', async () => {
    const both = specOf({ proxy: { host: 'web.test', hosts: ['web.test', 'b.test'], service_port: 80 }, ...lasting });
    const simulation = await open({}, slowToLeave);
    await simulation.accept('v1');
    await simulation.declare(both);
    await simulation.settle();
    await simulation.declare(null, shop);
    await until(simulation, 'shop v1');
    await simulation.accept('v2');
    await until(simulation, 'shop v2');
    await simulation.declare(both);
    await simulation.settle({ untilMs: 100 });
    assert.deepEqual(await answering(simulation), ['web v1']);
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(await answering(simulation), ['web v2']);
  });

  describe('and something else is wanted by now', () => {
    const key = (service: string) => serviceKey(node, ServiceName.parse(service));
    const image = { reference: ImageReference.parse('app:latest'), state: 'present' as const };
    const accepted = { digest: digestOf('v2'), platformDigest: digestOf('v2'), acceptedAt: '2026-01-01T00:00:00.000Z' };

    /** What is known when another one answers with this version; `own`: it is this service itself. */
    async function isOvertaken({ version = 'v2', own = false, declared = web, known = true } = {}): Promise<boolean> {
      const stores = openStores(
        createMemoryBus({ store: createMemoryStore(), node, clock: { now: () => new Date(0), monotonicMs: () => 0 } }),
      );
      const service = ServiceName.parse(own ? 'web' : 'shop');
      const routes = [{ host: 'web.test', path: '/' }];
      await put(stores.endpoints, key(service), { node, service, routes, targets: [target('c1')] } satisfies EndpointsEntry);
      const { image: reference, source, id, startedAt } = rolloutTo('v1');
      const digest = digestOf('v1');
      const record = recordOf({
        serving: { release: releaseName(web, digest), image: reference, digest, source, rollout: id, since: startedAt },
      });
      const answers = container({ id: 'c1', kedge: { service, digest: digestOf(version) } });
      const decide = createOvertaken({ bus: { node }, stores, engine: { list: async () => [answers] } });
      const at = { revision: 1, writtenAt: new Date(0) };
      return await decide(worldOf({ record, image: known ? { ...at, key: 'i', value: { ...image, accepted } } : null }), declared);
    }

    it('is overtaken by who answers with another version', async () => assert.equal(await isOvertaken(), true));
    it('is not by who answers with the same', async () => assert.equal(await isOvertaken({ version: 'v1' }), false));
    it('is not where nobody knows yet what is wanted', async () => {
      const another = specOf({ ...proxied, service: { image: 'other:1' } });
      assert.deepEqual([await isOvertaken({ declared: another, known: false }), await isOvertaken({ declared: another })], [false, true]);
    });
    it('is not by itself', async () => assert.equal(await isOvertaken({ own: true }), false));
    it('is not when only a trigger starts it', async () => {
      const triggered = { ...web, dispenser: { ...web.dispenser, initialize: 'on-trigger' as const } };
      assert.equal(await isOvertaken({ declared: triggered }), false);
    });
  });
});
