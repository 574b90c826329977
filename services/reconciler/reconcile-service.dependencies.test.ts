import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf } from './testing/simulation.ts';
import { crashing, open, proxied, specOf, type Watched } from './testing/stories.ts';

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
});
