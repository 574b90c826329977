import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CrashPoint } from './testing/crash-points.ts';
import { node } from './testing/simulated-proxies.ts';
import { digestOf } from './testing/simulation.ts';
import { assertServes, crashing, proxied, serving, specOf, type Watched } from './testing/stories.ts';
import { callsToDieAt, seed } from './testing/sweep.ts';

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
});
