import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf } from './testing/simulation.ts';
import { crashing, open, proxied, published, specOf, type Watched } from './testing/stories.ts';

const db = specOf({ service: { name: 'db', image: 'db:1' } });
const migrate = specOf({ service: { name: 'migrate', image: 'job:1', restart: 'no' }, depends_on: { db: 'healthy' } });
const api = specOf({ ...proxied, depends_on: { db: 'started', migrate: 'completed' } });

/** All of them as they were declared; the migration of `m1` completes after 7 s, that of `m2` fails. */
async function stack(): Promise<Watched> {
  const once = { readyAfterMs: 300, endsAfterMs: 7_000, exitCode: 0 };
  const simulation = await open({ d1: {}, m1: once, m2: { ...crashing, endsAfterMs: 2_000 } });
  await simulation.declare(api, migrate, db);
  await simulation.accept('d1', 'db:1');
  await simulation.accept('m1', 'job:1');
  await simulation.accept('v1');
  await simulation.settle();
  assert.equal((await simulation.record())?.serving?.digest, digestOf('v1'));
  return simulation;
}

/** The newest container of a service. */
function containerOf({ engine }: Watched, service: string) {
  const found = engine.all().findLast(({ kedge }) => kedge?.service === service);
  assert.ok(found, `${service} has no container`);
  return found;
}

function assertInOrder(simulation: Watched): void {
  const [first, job, last] = ['db', 'migrate', 'web'].map((name) => containerOf(simulation, name));
  assert.ok(Number(job?.startedAt) > Number(first?.startedAt), 'the migration runs when its database is there');
  assert.deepEqual([job?.state, job?.exitCode], ['exited', 0]);
  assert.ok(Number(last?.startedAt) >= Number(job?.finishedAt), 'what needs the migration starts when that has ended');
}

describe('services that come after others', () => {
  it('start in that order, and again so when everything comes up after it was taken down', async () => {
    const simulation = await stack();
    assertInOrder(simulation);
    await simulation.decideNode('down', 'd1');
    await simulation.settle();
    assert.deepEqual(simulation.engine.all(), []);
    await simulation.decideNode('up', 'u1');
    await simulation.settle({ untilMs: 3_000 });
    assert.equal((await simulation.record())?.waiting?.code, 'DEPENDENCY_PENDING');
    await simulation.settle();
    assertInOrder(simulation);
    assert.equal((await simulation.record())?.waiting, undefined);
    assert.deepEqual(simulation.violations, []);
  });

  it('come back at once when a container of theirs is lost, whatever became of the others', async () => {
    const simulation = await stack();
    for (const service of ['db', 'migrate', 'web']) simulation.engine.lose(containerOf(simulation, service).id);
    await simulation.declare(api);
    await simulation.settle({ untilMs: 5_000 });
    assert.equal(containerOf(simulation, 'web').state, 'running');
  });

  it('wait while a newer release of what has to complete runs, and are told when that fails', async () => {
    const simulation = await stack();
    await simulation.accept('m2', 'job:1');
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 1_000 });
    assert.equal((await simulation.record())?.waiting?.code, 'DEPENDENCY_PENDING');
    await simulation.settle({ untilMs: 60_000 });
    const { waiting, serving } = (await simulation.record()) ?? {};
    assert.equal(waiting?.code, 'DEPENDENCY_FAILED');
    assert.match(waiting?.message ?? '', /^it waits for migrate \(completed\), which is barred in its newest release: .*code 3/);
    assert.equal(serving?.digest, digestOf('v1'));
    assert.equal(containerOf(simulation, 'migrate').exitCode, 0);
    await simulation.accept('m1', 'job:1');
    await simulation.settle();
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v2'));
    assert.deepEqual(simulation.violations, []);
  });

  it('wait for nobody any more, as is told, once they are started', async () => {
    const simulation = await open({ d1: {}, m1: { readyAfterMs: 300, endsAfterMs: 5_000, exitCode: 0 }, v1: { readyAfterMs: 20_000 } });
    await simulation.declare(specOf({ ...proxied, depends_on: { migrate: 'completed' } }), migrate, db);
    for (const [version, image] of [['d1', 'db:1'], ['m1', 'job:1'], ['v1']] as const) await simulation.accept(version, image);
    await simulation.settle({ untilMs: 4_000 });
    assert.equal((await simulation.record())?.waiting?.code, 'DEPENDENCY_PENDING');
    await simulation.settle({ untilMs: 10_000 });
    const { waiting, rollout } = (await simulation.record()) ?? {};
    assert.deepEqual([containerOf(simulation, 'web').state, rollout?.switchedAt, waiting], ['running', undefined, undefined]);
    await simulation.settle();
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v1'));
  });

  for (const { title, m2, ends } of [
    { title: 'succeeds', m2: { readyAfterMs: 300, endsAfterMs: 60_000, exitCode: 0 }, ends: 'v2' },
    { title: 'fails', m2: { ...crashing, endsAfterMs: 2_000 }, ends: 'v1' },
  ]) {
    it(`serve on where only one of two releases can run, until what they come after is there: it ${title}`, async () => {
      const simulation = await open({ d1: {}, m1: { readyAfterMs: 300, endsAfterMs: 1_000, exitCode: 0 }, m2 });
      await simulation.declare(specOf({ ...proxied, ...published, depends_on: { migrate: 'completed' } }), migrate, db);
      for (const [version, image] of [['d1', 'db:1'], ['m1', 'job:1'], ['v1']] as const) await simulation.accept(version, image);
      await simulation.settle();
      const [first] = simulation.engine.all().filter(({ kedge }) => kedge?.service === 'web');
      await simulation.accept('m2', 'job:1');
      await simulation.accept('v2');
      const starts = simulation.engine.starts();
      await simulation.settle({ untilMs: 50_000 });
      const now = simulation.engine.all().find(({ id }) => id === first?.id);
      assert.deepEqual([now?.state, now?.startedAt], ['running', first?.startedAt]);
      assert.equal(simulation.engine.starts(), starts + 1, 'only the migration was started');
      await simulation.settle({ untilMs: 1_800_000 });
      assert.equal((await simulation.record())?.serving?.digest, digestOf(ends));
      assert.equal(simulation.engine.starts(), starts + (ends === 'v2' ? 2 : 1));
      assert.deepEqual(simulation.violations, []);
    });
  }
});
