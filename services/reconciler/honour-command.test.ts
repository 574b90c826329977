import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CommandRig, openCommandRig } from './testing/command-rig.ts';
import { digestOf } from './testing/simulation.ts';
import { open, proxied, said, serving, specOf } from './testing/stories.ts';

const endsAtOnce = { readyAfterMs: null, endsAfterMs: 100, exitCode: 0 };
const later = { kind: 'later', afterMs: 2_000 };
const done = { kind: 'done' };
const unwatched = specOf({ ...proxied, dispenser: { watch: false } });
const proxiedAnew = specOf({ ...proxied, service: { memory: '64m' }, dispenser: { watch: false } });
const triggeredJob = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } });
const triggeredOnce = specOf({ service: { restart: 'no' }, dispenser: { watch: true, initialize: 'on-trigger' } });
const once = specOf({ service: { restart: 'no' } });

function count(rig: CommandRig, subject: string): number {
  return rig.events.filter(({ type }) => type === `${subject}.v1`).length;
}

async function settled(spec = once, behaviour = {}): Promise<CommandRig> {
  const rig = await openCommandRig(behaviour);
  await rig.declare(spec);
  await rig.accept('v1');
  await rig.settle();
  return rig;
}

describe('a request to deploy', () => {
  it('is refused for a service that nobody declared', async () => {
    const simulation = await open();
    await simulation.declare(null);
    await assert.rejects(simulation.request('deploy', 'ask-1'), /rejected/);
    assert.equal(await simulation.record(), null);
  });

  it('says on whose behalf the rollout begins', async () => {
    const simulation = await serving(unwatched);
    await simulation.accept('v2');
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    const started = simulation.events.findLast(({ type }) => type === 'deploy.started.v1');
    const { cause } = (started?.data ?? {}) as { cause?: string };
    assert.deepEqual([cause, started?.causationid], ['requested', 'ask-1']);
  });

  it('runs a job now that only its schedule starts', async () => {
    const simulation = await open({ v1: endsAtOnce });
    await simulation.declare(triggeredJob);
    await simulation.accept('v1');
    await simulation.request('deploy', 'ask-1');
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    assert.deepEqual(said(simulation, 'job.started', 'job.finished'), [1, 1]);
  });

  it('brings a failed first start forward', async () => {
    const behaviours = { v1: { readyAfterMs: null as number | null, endsAfterMs: 50 as number | null, exitCode: 1 } };
    const simulation = await open(behaviours);
    await simulation.declare(specOf(proxied));
    await simulation.accept('v1');
    await simulation.settle({ untilMs: 400_000 });
    Object.assign(behaviours.v1, { readyAfterMs: 10, endsAfterMs: null });
    const before = simulation.now();
    await simulation.request('deploy', 'ask-1');
    await simulation.settle();
    assert.deepEqual(said(simulation, 'deploy.succeeded'), [1]);
    const succeededAt = Date.parse(simulation.events.findLast(({ type }) => type === 'deploy.succeeded.v1')?.time ?? '');
    assert.ok(succeededAt - before < 5_000);
  });

  it('runs the job, also when the process died before the run was claimed', async () => {
    for (const when of ['before', 'after'] as const) {
      const rig = await settled(triggeredJob, endsAtOnce);
      rig.fail('runs.create', when);
      await assert.rejects(rig.request('ask-1'), { code: 'BUS_UNAVAILABLE' });
      await rig.restart();
      assert.deepEqual(await rig.request('ask-1'), done);
      await rig.settle();
      assert.deepEqual(await rig.states(), ['finished'], `the claim failed ${when} its effect`);
      assert.equal(rig.engine.starts(), 1);
    }
  });

  it('starts what runs once and waits for a trigger, also when the process died after it took the request', async () => {
    const rig = await settled(triggeredOnce, endsAtOnce);
    for (const id of ['ask-1', 'ask-2']) {
      assert.deepEqual(await rig.request(id), done);
      await rig.restart();
      await rig.settle();
    }
    assert.equal(rig.engine.starts(), 2);
    const started = rig.events.findLast(({ type }) => type === 'deploy.started.v1');
    const { cause } = (started?.data ?? {}) as { cause?: string };
    assert.deepEqual([cause, started?.causationid], ['requested', 'ask-2']);
    assert.equal((await rig.record())?.requested, undefined);
  });

  it('runs the job however long it was on its way, and whatever the clock of whoever asked says', async () => {
    for (const agoMs of [120_000, 86_400_000, -86_400_000]) {
      const rig = await settled(triggeredJob, endsAtOnce);
      const sentAt = new Date(rig.now() - agoMs);
      assert.deepEqual(await rig.request('ask-1', { sentAt }), done);
      assert.deepEqual(await rig.request('ask-1', { sentAt }), done);
      await rig.settle();
      assert.deepEqual([await rig.states(), rig.engine.starts()], [['finished'], 1], `sent ${agoMs} ms ago`);
    }
  });

  it('waits for a configuration that is being written, also when it was on its way for long, but not for ever', async () => {
    const rig = await settled(unwatched);
    await rig.declare(proxiedAnew, 'spec');
    const sentAt = new Date(rig.now() - 3_600_000);
    assert.deepEqual(await rig.request('ask-1', { sentAt }), later);
    rig.later(9 * 60_000);
    assert.deepEqual(await rig.request('ask-1', { sentAt }), later);
    rig.later(2 * 60_000);
    assert.equal((await rig.request('ask-1', { sentAt })).kind, 'rejected');
    assert.deepEqual(await rig.request('ask-2', { sentAt }), later);
    await rig.declare(proxiedAnew);
    assert.deepEqual(await rig.request('ask-2', { sentAt }), done);
  });

  it('waits for the look of the watcher, and keeps no other command waiting', async () => {
    const rig = await settled(triggeredJob, endsAtOnce);
    const looks: (() => void)[] = [];
    rig.watcher.look = () => new Promise((resolve) => looks.push(resolve));
    const requests = ['ask-1', 'ask-2', 'ask-3', 'ask-4', 'ask-5', 'ask-6'];
    for (const id of requests) {
      assert.deepEqual(await rig.request(id), { kind: 'later', afterMs: 1_000 });
      rig.later(1_000);
    }
    assert.deepEqual(await rig.fire(new Date(rig.now()).toISOString()), done);
    await rig.settle();
    assert.deepEqual(await rig.states(), ['finished']);
    for (const id of requests) assert.deepEqual(await rig.request(id), { kind: 'later', afterMs: 1_000 });
    assert.equal(looks.length, requests.length, 'each asks once');
    assert.equal((await rig.record())?.honouredIds, undefined, 'nothing counts as taken yet');

    await rig.accept('v2');
    for (const end of looks) end();
    assert.deepEqual(await rig.request('ask-1'), done);
    await rig.settle();
    assert.deepEqual(await rig.states(), ['finished', 'finished']);
    assert.equal(rig.engine.all()[0]?.kedge?.digest, digestOf('v2'));
  });

  it('is taken once, also when it is delivered again after another one', async () => {
    const rig = await settled(once, endsAtOnce);
    for (const id of ['ask-1', 'ask-2', 'ask-1']) {
      assert.deepEqual(await rig.request(id), done);
      await rig.settle();
    }
    assert.equal(rig.engine.starts(), 3);
    assert.deepEqual((await rig.record())?.honouredIds, ['ask-1', 'ask-2']);
  });
});

describe('a command while the configuration is being written', () => {
  const changed = specOf({ service: { restart: 'no', memory: '64m' }, dispenser: triggeredJob.dispenser });

  it('waits for the half that is missing', async () => {
    for (const half of ['spec', 'manifest'] as const) {
      const rig = await settled(triggeredJob, endsAtOnce);
      await rig.declare(changed, half);
      const instant = new Date(rig.now()).toISOString();
      assert.deepEqual([await rig.request('ask-1'), await rig.fire(instant)], [later, later]);
      assert.deepEqual(await rig.states(), []);
      await rig.declare(changed);
      assert.deepEqual([await rig.fire(instant), await rig.request('ask-1')], [done, done]);
      await rig.settle();
      assert.deepEqual(await rig.states(), ['finished']);
    }
  });

  it('does not wait where it only tells what was missed, however short ago that was', async () => {
    const rig = await settled(triggeredJob, endsAtOnce);
    await rig.declare(changed, 'spec');
    const instant = new Date(rig.now() - 15_000).toISOString();
    assert.deepEqual([await rig.fire(instant, 3), await rig.states()], [done, ['skipped']]);
    const told = rig.events.find(({ type }) => type === 'job.skipped.v1')?.data;
    assert.partialDeepStrictEqual(told, { instant, reason: 'late', missed: 3 });
  });

  it('waits while there is no configuration at all, but not for ever', async () => {
    const rig = await openCommandRig();
    assert.deepEqual(await rig.request('ask-1'), later);
    const instant = new Date(rig.now()).toISOString();
    rig.later(61_000);
    assert.deepEqual(await rig.fire(instant), done);
    const skipped = rig.events.find(({ type }) => type === 'job.skipped.v1')?.data as { reason: string };
    assert.equal(skipped.reason, 'late');
  });
});

describe('a request to clear', () => {
  it('does not run again what runs once and has ended', async () => {
    const rig = await settled(once, endsAtOnce);
    assert.equal(rig.engine.starts(), 1);
    await rig.request('clear-1', { action: 'clear' });
    await rig.settle();
    assert.deepEqual([rig.engine.starts(), count(rig, 'deploy.started')], [1, 1]);
  });

  it('does not start what waits for a trigger', async () => {
    const rig = await settled(triggeredOnce, endsAtOnce);
    await rig.request('clear-1', { action: 'clear' });
    await rig.settle();
    assert.equal(rig.engine.starts(), 0);
  });

  it('leaves a service that is not watched with its image', async () => {
    const rig = await settled(unwatched);
    const before = (await rig.record())?.serving?.digest;
    await rig.accept('v2');
    await rig.request('clear-1', { action: 'clear' });
    await rig.settle();
    assert.deepEqual([(await rig.record())?.serving?.digest, count(rig, 'deploy.started')], [before, 1]);
  });

  it('lets a barred release go out again', async () => {
    const simulation = await serving(specOf(proxied), { v2: { readyAfterMs: null, endsAfterMs: 50, exitCode: 3 } });
    await simulation.accept('v2');
    await simulation.settle();
    await simulation.request('clear', 'clear-1');
    await simulation.settle();
    assert.deepEqual(said(simulation, 'release.cleared', 'deploy.failed', 'release.barred'), [1, 2, 2]);
  });
});
