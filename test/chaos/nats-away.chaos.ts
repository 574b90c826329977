import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { ConfigManifest, DeployProgressed, ImageEntry, imageKey, manifestKey, StatusReply } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import { record } from '../e2e/harness/follow.ts';
import { reference } from '../e2e/harness/images.ts';
import { run } from '../e2e/harness/shell.ts';
import { compose, joinBus, kedge, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { containersOf, type Deed, watchWorkloads } from './harness/containers.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { delaysFrom, endOf, passesAfter, untilBusAnswers } from './harness/return-of-the-bus.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, seed, someOf } from './harness/sample.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad } from './harness/watched-load.ts';

const outageMs = isLong ? 30_000 : 10_000;
/** Promised for every component, from the moment at which the server takes clients again, and its store is provisioned. */
const rereadWithinMs = 5_000;
const losses = ['kill', 'die', 'stop', 'destroy'];

describe(`the bus goes away (KEDGE_TEST_SEED=${seed})`, () => {
  let facts: StackFacts;
  let bus: Bus;
  let person: Bus;
  let spy: Spy;
  let still: RollingService;
  let rolling: RollingService;
  let pushed: RollingService;
  let late: RollingService;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    person = await joinBus(facts, 'cli');
    spy = await startSpy(facts);
    still = await createRollingService({ facts, spy, name: 'away-still' });
    rolling = await createRollingService({ facts, spy, name: 'away-rolling' });
    pushed = await createRollingService({ facts, spy, name: 'away-pushed' });
    late = await createRollingService({ facts, spy, name: 'away-late' });
    for (const service of [still, rolling, pushed]) await service.declare();
    for (const service of [still, rolling, pushed]) await service.arrived();
  });
  after(async () => {
    for (const service of [still, rolling, pushed, late]) await service.undeclare();
    await spy.close();
    await person.close();
    await bus.close();
  });

  async function manifest(): Promise<ConfigManifest | null> {
    const entry = await spy.bus.bucket('services', ConfigManifest).get(manifestKey(spy.bus.node));
    return entry?.value ?? null;
  }

  async function acceptedDigest({ name }: RollingService): Promise<string | undefined> {
    const entry = await spy.bus.bucket('images', ImageEntry).get(imageKey(reference(facts, name)));
    return entry?.value.accepted?.digest;
  }

  /** What each component knows of services is in the store. */
  async function isStored(services: readonly RollingService[]): Promise<boolean> {
    const declared = (await manifest())?.services ?? {};
    for (const service of services) {
      const [record, endpoints, applied] = [
        await spy.record(service.name),
        await spy.endpoints(service.name),
        await spy.applied(service.name),
      ];
      if (!declared[service.name] || !(await acceptedDigest(service)) || !record?.serving) return false;
      if (!endpoints || applied.length === 0 || applied.includes(undefined)) return false;
    }
    return true;
  }

  async function atLast(what: string, condition: () => Promise<boolean>): Promise<Date> {
    return await waitUntil(async () => ((await condition()) ? new Date() : null), { timeoutMs: 60_000, what });
  }

  function assertReread(test: TestContext, cameAt: Date, ends: ReadonlyMap<string, Date>): void {
    const { told: delays, longestMs } = delaysFrom(cameAt, ends);
    test.diagnostic(`after the return everything was read again by ${delays}`);
    assert.ok(longestMs <= rereadWithinMs, `everything is read again within ${rereadWithinMs} ms: ${delays}`);
  }

  const told = someOf(['switched', 'starting', 'lost'], 1);
  for (const [step, reason] of [
    ['switched', 'while the old container drains'],
    ['starting', 'while the new container starts'],
  ] as const) {
    it(`for ${outageMs / 1_000} s in a rollout, ${reason}: nothing stops, and all goes on`, told(step), async (test) => {
      const since = new Date();
      const workloads = watchWorkloads(facts);
      test.after(() => workloads.stop());
      const events = record(bus);
      await rolling.prepare();
      await pushed.prepare();
      const before = await acceptedDigest(pushed);
      const finish = holdLoad(test, facts, [still, rolling]);

      await rolling.release();
      await waitUntil(() => events.of('deploy.progressed', rolling.name).some(({ data }) => DeployProgressed.parse(data).step === step), {
        timeoutMs: 60_000,
        what: `the rollout is ${step}`,
      });
      test.after(async () => await compose(facts, ['start', 'nats']));
      await compose(facts, ['stop', 'nats']);
      const wentAt = new Date();
      await late.declare();
      await pushed.releaseUnseen();
      await timer(outageMs); // the outage is the story
      const starting = compose(facts, ['start', 'nats']);
      const cameAt = await untilBusAnswers(facts);
      const [passes, inForceAt, seenAt] = await Promise.all([
        passesAfter(person, cameAt),
        atLast('the changed configuration is in force', async () => (await manifest())?.services[late.name] !== undefined),
        atLast('the pushed image is seen', async () => (await acceptedDigest(pushed)) !== before),
      ]);
      await starting;
      assertReread(test, cameAt, new Map([...passes, ['(the changed configuration)', inForceAt], ['(the pushed image)', seenAt]]));
      for (const service of [rolling, pushed, late]) await service.arrived();
      await finish();

      const meanwhile = workloads.seen.filter(({ action, at }) => losses.includes(action) && at >= wentAt && at <= cameAt);
      assert.deepEqual(meanwhile, [], 'nothing was stopped or removed without the bus');
      for (const { name } of [rolling, pushed, late]) assertEachEndedOnce(await rolloutEvents(bus, name, since));
      await late.undeclare();
      await late.gone();
    });
  }

  it('and comes back without its volume: what serves is taken over, and the next push rolls', told('lost'), async (test) => {
    const all = [still, rolling, pushed];
    const idsBefore = await Promise.all(all.map(async ({ name }) => await containersOf(facts, name)));
    const workloads = watchWorkloads(facts);
    test.after(() => workloads.stop());
    const finish = holdLoad(test, facts, [still, rolling]);

    await compose(facts, ['stop', 'nats']);
    await compose(facts, ['rm', '-f', 'nats', 'init']);
    await run('docker', ['volume', 'rm', `${facts.project}_nats-data`]);
    const starting = compose(facts, ['up', '-d']);
    const emptyAt = await untilBusAnswers(facts);
    const [passes, rebuiltAt] = await Promise.all([
      passesAfter(person, emptyAt),
      atLast('what was stored of all services is stored again', async () => await isStored(all)),
    ]);
    await starting;
    assertReread(test, await endOf(facts, 'provision'), new Map([...passes, ['(all that was stored)', rebuiltAt]]));

    await waitUntil(
      async () => {
        const { services } = StatusReply.parse(JSON.parse(await kedge(facts, ['status', '--json'])));
        for (const { name } of all) {
          const { phase, reason } = services.find(({ service }) => service === name) ?? {};
          assert.equal(phase, 'serving');
          assert.match(reason ?? '', /history, bars and holds are gone/);
        }
        return true;
      },
      { timeoutMs: 60_000, what: 'the status says that all serve' },
    );
    for (const service of all) await service.arrived();
    assert.deepEqual(await Promise.all(all.map(async ({ name }) => await containersOf(facts, name))), idsBefore);
    const touched: readonly Deed[] = workloads.seen.filter(({ action }) => ['create', ...losses].includes(action));
    assert.deepEqual(touched, [], 'no container was touched');

    await pushed.prepare();
    await pushed.release();
    await pushed.arrived();
    await finish();
  });
});
