import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import fc from 'fast-check';
import { type CommandRig, openCommandRig } from './testing/command-rig.ts';
import { open, said, specOf, type Watched } from './testing/stories.ts';

const job = { readyAfterMs: null, endsAfterMs: 300, exitCode: 0 };
const nightly = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *', initialize: 'on-trigger' } });

async function declared(spec: ServiceSpec, behaviour = job): Promise<Watched> {
  const simulation = await open({ v1: behaviour, v2: behaviour });
  await simulation.declare(spec);
  await simulation.accept('v1');
  await simulation.settle();
  return simulation;
}

function instant(simulation: Watched, agoMs = 0): string {
  return new Date(simulation.now() - agoMs).toISOString();
}

async function firing(): Promise<CommandRig> {
  const rig = await openCommandRig(job);
  await rig.declare(nightly);
  await rig.accept('v1');
  return rig;
}

function isoTime(rig: CommandRig, agoMs = 0): string {
  return new Date(rig.now() - agoMs).toISOString();
}

const outcomes = ['job.started', 'job.finished', 'job.skipped'] as const;

describe('a job', () => {
  it('does not run before it is due, and once when it is', async () => {
    const simulation = await declared(nightly);
    assert.deepEqual(simulation.engine.all(), []);
    const due = instant(simulation);
    assert.equal(await simulation.claim(due, nightly), true);
    assert.equal(await simulation.claim(due, nightly), false);
    await simulation.settle();
    assert.deepEqual(said(simulation, ...outcomes), [1, 1, 0]);
    const [run] = await simulation.runsKept();
    assert.deepEqual([run?.state, run?.exitCode, run?.output], ['finished', 0, 'the last words']);
    assert.equal(simulation.engine.starts(), 1);
  });

  it('is over when its start is refused, which stands in nobody’s way, and the next instant tries again', async () => {
    const behaviour = { ...job, isMissing: true };
    const simulation = await declared(nightly, behaviour);
    await simulation.claim(instant(simulation), nightly);
    await simulation.settle({ untilMs: 60_000 });
    assert.deepEqual(said(simulation, ...outcomes), [0, 0, 1]);
    const skipped = simulation.events.findLast(({ type }) => type === 'job.skipped.v1')?.data;
    const message = 'it cannot be started: no such file or directory';
    assert.partialDeepStrictEqual(skipped, { reason: 'not-started', message });
    assert.partialDeepStrictEqual(await simulation.runsKept(), [{ state: 'skipped', reason: message }]);
    assert.equal((await simulation.record())?.waiting, undefined);

    behaviour.isMissing = false;
    await simulation.claim(instant(simulation), nightly);
    await simulation.settle();
    assert.deepEqual(said(simulation, ...outcomes), [1, 1, 1]);
  });

  it('runs again in the same container, and in a new one when its release changed', async () => {
    const simulation = await declared(nightly);
    const ids: (string | undefined)[] = [];
    for (const version of ['v1', 'v1', 'v2']) {
      await simulation.accept(version);
      await simulation.claim(instant(simulation), nightly);
      await simulation.settle();
      ids.push(simulation.engine.all()[0]?.id);
    }
    assert.equal(simulation.engine.all().length, 1);
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[1], ids[2]);
    assert.deepEqual(said(simulation, ...outcomes), [3, 3, 0]);
  });

  it('gets a new container for every run with pull = "always"', async () => {
    const spec = specOf({
      service: { restart: 'no' },
      dispenser: { watch: false, cron: '0 3 * * *', initialize: 'on-trigger', pull: 'always' },
    });
    const simulation = await declared(spec);
    await simulation.claim(instant(simulation), spec);
    await simulation.settle();
    const [first] = simulation.engine.all();
    await simulation.accept('v2');
    await simulation.claim(instant(simulation), spec);
    await simulation.settle();
    const [second] = simulation.engine.all();
    assert.notEqual(second?.id, first?.id);
    assert.notEqual(second?.kedge?.digest, first?.kedge?.digest);
  });

  it('is skipped when it is late, overlaps, or is not declared as a job', async () => {
    const simulation = await declared(nightly, { ...job, endsAfterMs: 120_000 });
    await simulation.claim(instant(simulation, 61_000), nightly);
    await simulation.claim(instant(simulation), nightly);
    await simulation.settle({ untilMs: 2_000 });
    await simulation.claim(instant(simulation), nightly);
    await simulation.claim(instant(simulation, 1_000), specOf());
    const reasons = simulation.events
      .filter(({ type }) => type === 'job.skipped.v1')
      .map(({ data }) => (data as { reason: string }).reason);
    assert.deepEqual(reasons.toSorted(), ['late', 'overlap', 'undeclared']);
    assert.deepEqual(said(simulation, 'job.started'), [1]);
  });

  it('says that it could not be started, after trying for ten minutes', async () => {
    const simulation = await declared(nightly);
    simulation.engine.troubles.pull = new RetryableError('REGISTRY_UNREACHABLE', 'the registry does not answer');
    await simulation.claim(instant(simulation), nightly);
    await simulation.settle();
    const [run] = await simulation.runsKept();
    assert.deepEqual([run?.state, run?.reason], ['skipped', 'it could not be started for 10 minutes']);
    assert.deepEqual(said(simulation, ...outcomes), [0, 0, 1]);
  });

  it('tells the exit code of a run that failed, and runs again when it is due again', async () => {
    const simulation = await declared(nightly, { ...job, exitCode: 5 });
    for (let count = 0; count < 2; count += 1) {
      await simulation.claim(instant(simulation), nightly);
      await simulation.settle();
    }
    assert.deepEqual(
      (await simulation.runsKept()).map(({ exitCode }) => exitCode),
      [5, 5],
    );
  });

  it('keeps the last 20 runs', async () => {
    const simulation = await declared(nightly);
    for (let count = 0; count < 23; count += 1) {
      await simulation.claim(instant(simulation), nightly);
      await simulation.settle();
    }
    const kept = await simulation.runsKept();
    assert.equal(kept.length, 20);
    assert.deepEqual(said(simulation, 'job.finished'), [23]);
  });

  it('keeps the last 20 skips beside the last 20 runs, and nothing of one pushes the other out', async () => {
    const rig = await firing();
    for (let count = 0; count < 23; count += 1) {
      await rig.fire(isoTime(rig));
      await rig.settle();
      rig.later(1_000);
    }
    for (let count = 0; count < 30; count += 1) await rig.fire(isoTime(rig, 300_000 + count * 1_000));
    const states = await rig.states();
    assert.deepEqual(
      ['finished', 'skipped'].map((state) => states.filter((each) => each === state).length),
      [20, 20],
    );
  });

  it('runs at its first start as well, unless it waits for a trigger', async () => {
    const spec = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *' } });
    const simulation = await declared(spec);
    assert.deepEqual(said(simulation, 'deploy.succeeded'), [1]);
    await simulation.claim(instant(simulation), spec);
    await simulation.settle();
    assert.deepEqual(said(simulation, ...outcomes), [1, 1, 0]);
    assert.equal(simulation.engine.starts(), 2);
  });

  it('runs although the reply to its claim was lost', async () => {
    const rig = await firing();
    const due = isoTime(rig);
    rig.fail('runs.create', 'after');
    await assert.rejects(rig.fire(due), { code: 'BUS_UNAVAILABLE' });
    assert.deepEqual(await rig.fire(due), { kind: 'done' });
    await rig.settle();
    assert.deepEqual(await rig.states(), ['finished']);
  });

  it('runs although the reply to its claim was lost and nobody says it again', async () => {
    const rig = await firing();
    rig.fail('runs.create', 'after');
    await assert.rejects(rig.fire(isoTime(rig)), { code: 'BUS_UNAVAILABLE' });
    await rig.settle();
    assert.deepEqual(await rig.states(), ['claimed']);
    await rig.reload();
    await rig.settle();
    assert.deepEqual(await rig.states(), ['finished']);
  });

  it('runs once although the reply to one of its later writes was lost', async () => {
    for (const skipped of [0, 1, 2, 3]) {
      const rig = await firing();
      await rig.fire(isoTime(rig));
      rig.fail('runs.update', 'after', skipped);
      await rig.settle();
      assert.deepEqual([await rig.states(), rig.engine.starts()], [['finished'], 1], `the reply to write ${skipped} was lost`);
    }
  });

  it('runs each instant exactly once, wherever the reconciler dies', async () => {
    const Crashes = fc.array(
      fc.record({ call: fc.integer({ min: 1, max: 120 }), effect: fc.constantFrom('before' as const, 'after' as const) }),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(Crashes, { minLength: 1, maxLength: 3 }), async (stories) => {
        const simulation = await declared(nightly);
        for (const crashes of stories) {
          assert.equal(await simulation.claim(instant(simulation), nightly), true);
          await simulation.settle({ crashes });
        }
        assert.deepEqual(said(simulation, ...outcomes), [stories.length, stories.length, 0]);
        assert.equal(simulation.engine.starts(), stories.length);
        assert.ok((await simulation.runsKept()).every(({ state, owes }) => state === 'finished' && owes === undefined));
      }),
      { numRuns: process.env.KEDGE_TEST_LONG === '1' ? 500 : 15 },
    );
  });
});
