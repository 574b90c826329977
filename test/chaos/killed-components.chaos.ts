import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as timer } from 'node:timers/promises';
import type { Bus } from '@kedge/shared/bus';
import { type Component, ImageUpdated, StatusReply } from '@kedge/shared/contracts';
import { waitUntil } from '@kedge/shared/testing';
import fc from 'fast-check';
import { replace } from '../e2e/harness/configuration.ts';
import { send, startLoad } from '../e2e/harness/load.ts';
import { compose, joinBus, kedge, type StackFacts, theStack } from '../e2e/harness/stack.ts';
import { watchWorkloads } from './harness/containers.ts';
import { openHook } from './harness/hook.ts';
import { crash, instancesOf } from './harness/instances.ts';
import { assertEachEndedOnce, rolloutEvents } from './harness/ledger.ts';
import { strikeAt } from './harness/named-points.ts';
import { createRollingJob } from './harness/rolling-job.ts';
import { createRollingService, type RollingService } from './harness/rolling-service.ts';
import { isLong, seed, someOf } from './harness/sample.ts';
import { type Spy, startSpy } from './harness/spy.ts';
import { holdLoad, untilNothingFails } from './harness/watched-load.ts';

/**
 * What each of the eleven clients of the load was waiting for may be lost when the proxy dies, and once more what it said while the kernel
 * closed the door: by then nobody was there to take it.
 */
const mostCutOff = 2 * 11;

const stories = [
  'the watcher, its event owed',
  'the watcher, its event said',
  'the scheduler, its command owed',
  'the scheduler, its command said',
  'secrets',
  'secrets, and the watcher asks',
  'the proxy',
  'the proxy, and the bus is away',
  'the reconciler and the watcher',
];
const told = someOf(stories, 2);

describe(`a component dies (KEDGE_TEST_SEED=${seed})`, () => {
  let facts: StackFacts;
  let bus: Bus;
  let spy: Spy;
  let web: RollingService;

  before(async () => {
    facts = theStack();
    bus = await joinBus(facts, 'hooks');
    spy = await startSpy(facts);
    await replace(join(facts.configFolder, 'dispenser.vars'), 'chaos_password = "correct horse"\n');
    web = await createRollingService({ facts, spy, name: 'killed-web', env: { DB: '${chaos_password}' } });
    await web.declare();
    await web.arrived();
  });
  after(async () => {
    await web.undeclare();
    // What comes after it looks at the steps of a reconciler that has nothing else to do.
    await web.gone();
    await spy.close();
    await bus.close();
  });

  const soleInstance = async (component: Component) => (await instancesOf(facts, component))[0] ?? '';

  for (const [story, point] of [
    ['the watcher, its event owed', 'owed.image.updated'],
    ['the watcher, its event said', 'said.image.updated'],
  ] as const) {
    it(`${story}: a hook that must miss nothing hears it exactly once`, told(story), async (test) => {
      const hook = await openHook(facts);
      test.after(async () => await hook.close());
      await hook.take();
      await web.prepare();
      const dead = await strikeAt(facts, 'watcher', { point, times: 1 });
      // The watcher dies before it can answer who asks it to look now, so nobody does.
      await web.releaseUnseen();
      await dead();
      await web.arrived();
      const heard = (await hook.take()).filter(({ type }) => type === 'image.updated.v1');
      const ours = heard.filter(({ data }) => ImageUpdated.parse(data).services.some((service) => service === web.name));
      assert.equal(ours.length, 1);
    });
  }

  for (const [story, point] of [
    ['the scheduler, its command owed', 'owed.job.due'],
    ['the scheduler, its command said', 'said.job.due'],
  ] as const) {
    it(`${story}: the instant runs once`, told(story), async (test) => {
      const workloads = watchWorkloads(facts);
      test.after(() => workloads.stop());
      const job = await createRollingJob(facts, bus, `killed-job-${point.slice(0, 4)}`);
      await job.declare();
      test.after(async () => await job.undeclare());
      await job.arrived();
      const dead = await strikeAt(facts, 'scheduler', { point, times: 1 });
      await dead();
      await job.goesOn();
      await job.undeclare();
      test.diagnostic(JSON.stringify(await job.assertEachOnce(workloads.of(job.name, 'start'))));
    });
  }

  it('secrets while it is asked: the rollout succeeds later, and nothing is barred', told('secrets'), async () => {
    const since = new Date();
    await web.prepare();
    const dead = await strikeAt(facts, 'secrets', { point: 'asked.secrets.resolve', times: 1 });
    await web.release();
    await dead();
    await web.arrived();
    const { body } = await send({ port: facts.httpPort, host: web.host, method: 'GET', path: '/env?name=DB', agent: false });
    assert.equal(body, 'correct horse');
    const { services } = StatusReply.parse(JSON.parse(await kedge(facts, ['status', web.name, '--json'])));
    assert.deepEqual(services[0]?.barred, []);
    assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), 1);
  });

  it(
    'secrets while a file is rendered: nothing is removed or rejected, and the change comes later',
    told('secrets, and the watcher asks'),
    async (test) => {
      const since = new Date();
      const vars = join(facts.configFolder, 'dispenser.vars');
      const given = async () =>
        (await send({ port: facts.httpPort, host: web.host, method: 'GET', path: '/env?name=DB', agent: false })).body;
      test.after(async () => await replace(vars, 'chaos_password = "correct horse"\n'));
      const dead = await strikeAt(facts, 'secrets', { point: 'asked.config.render', times: 1 });
      await replace(vars, 'chaos_password = "battery staple"\n');
      await dead();
      await waitUntil(async () => (await given()) === 'battery staple', { timeoutMs: 90_000, what: 'the change is in force' });
      const said = await bus.recent({ since, subjects: ['config.rejected', 'service.removed'] });
      assert.deepEqual(
        said.map(({ type, subject }) => `${type} ${subject}`),
        [],
      );
      await replace(vars, 'chaos_password = "correct horse"\n');
      await waitUntil(async () => (await given()) === 'correct horse', { timeoutMs: 90_000, what: 'it is as it was' });
      const ended = async () => (await rolloutEvents(bus, web.name, since)).filter(({ type }) => type === 'deploy.succeeded.v1').length;
      await waitUntil(async () => (await ended()) === 2, { timeoutMs: 60_000, what: 'both rollouts are over' });
    },
  );

  for (const [story, busIs] of [
    ['the proxy', 'there'],
    ['the proxy, and the bus is away', 'away'],
  ] as const) {
    it(`${story}, under load: only its own open requests are lost, and the saved routes serve`, told(story), async (test) => {
      const load = startLoad({ port: facts.httpPort, host: web.host, versions: web.versions, slowMs: 1_500 });
      test.after(async () => await load.stop());
      await waitUntil(() => (load.report.requests.slow ?? 0) > 0);
      if (busIs === 'away') {
        test.after(async () => await compose(facts, ['start', 'nats']));
        await compose(facts, ['stop', 'nats']);
      }
      const killedAt = performance.now();
      await crash(await soleInstance('proxy'));
      await waitUntil(
        async () => (await send({ port: facts.httpPort, host: web.host, method: 'GET', path: '/', agent: false })).status === 200,
        {
          timeoutMs: 30_000,
          what: 'the proxy serves again',
        },
      );
      test.diagnostic(`served again after ${Math.round(performance.now() - killedAt)} ms`);
      const { failures } = load.report;
      // A client that was refused at the last moment says so a little later.
      await untilNothingFails(load.report);
      const before = failures.length;
      const refused = failures.filter((failure) => failure.includes('ECONNREFUSED'));
      const cut = failures.filter((failure) => !failure.includes('ECONNREFUSED'));
      test.diagnostic(`${refused.length} found nobody, ${cut.length} were cut off: ${cut.map((failure) => failure.slice(25)).join('; ')}`);
      assert.ok(cut.length <= mostCutOff, cut.join('\n'));
      assert.deepEqual(
        cut.filter((failure) => / answered \d/.test(failure)),
        [],
        'nobody got a wrong answer',
      );

      const served = load.report.requests['keep-alive'] ?? 0;
      await waitUntil(() => (load.report.requests['keep-alive'] ?? 0) > served + 200, { timeoutMs: 30_000 });
      if (busIs === 'away') await compose(facts, ['start', 'nats']);
      await web.arrived();
      const report = await load.stop();
      assert.deepEqual(report.failures.slice(before), [], 'nothing fails any more');
    });
  }

  it('the reconciler and the watcher at any moment of a rollout: 0 failed', told('the reconciler and the watcher'), async (test) => {
    const since = new Date();
    const finish = holdLoad(test, facts, [web]);
    const moments = fc.sample(
      fc.tuple(fc.constantFrom<Component>('reconciler', 'watcher'), fc.noBias(fc.integer({ min: 0, max: 6_000 }))),
      {
        seed,
        numRuns: isLong ? 12 : 2,
      },
    );
    for (const [component, afterMs] of moments) {
      await web.prepare();
      await web.releaseUnseen();
      await timer(afterMs); // the moment is what the seed chose
      await crash(await soleInstance(component));
      await web.arrived();
    }
    await finish();
    test.diagnostic(moments.map(([component, afterMs]) => `${component} after ${afterMs} ms`).join(', '));
    assert.equal(assertEachEndedOnce(await rolloutEvents(bus, web.name, since)), moments.length);
  });
});
