import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RunRecord, runKey, type ServiceSpec } from '@kedge/shared/contracts';
import { RetryableError } from '@kedge/shared/kernel';
import fc from 'fast-check';
import { createRunOutputs } from './run-outputs.ts';
import { type CommandRig, openCommandRig } from './testing/command-rig.ts';
import { digestOf } from './testing/simulation.ts';
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

function keyOf({ node, service, instant }: RunRecord): string {
  return runKey({ node, service, instant });
}

async function firing(behaviour = job): Promise<CommandRig> {
  const rig = await openCommandRig(behaviour);
  await rig.declare(nightly);
  await rig.accept('v1');
  return rig;
}

function isoTime(rig: CommandRig, agoMs = 0): string {
  return new Date(rig.now() - agoMs).toISOString();
}

const rolledOut = specOf({ service: { restart: 'no' }, dispenser: { watch: true, cron: '0 3 * * *' } });

/** The job goes while it runs, or before it could. */
async function leave(simulation: Watched, how: 'undeclared' | 'down'): Promise<void> {
  if (how === 'down') await simulation.decideNode('down', 'down-1');
  else await simulation.declare(null);
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
    assert.deepEqual([run?.state, run?.exitCode, run?.output], ['finished', 0, undefined]);
    assert.equal(run && (await createRunOutputs(simulation.stores).read({ key: keyOf(run), value: run })), 'the last words');
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

  it('that was missed is told once and never run, also when the process died before the word; the instant after it is run', async () => {
    for (const when of ['before', 'after'] as const) {
      const rig = await firing();
      const [missed, due] = [isoTime(rig, 20_000), isoTime(rig)];
      rig.fail('publish job.skipped', when);
      await assert.rejects(rig.fire(missed, 7));
      await rig.restart();
      await rig.fire(missed, 7);
      await rig.fire(due);
      await rig.settle();
      assert.deepEqual(await rig.states(), ['skipped', 'finished']);
      const skipped = rig.events.filter(({ type }) => type === 'job.skipped.v1').map(({ id, data }) => ({ id, data }));
      const ids = new Set(skipped.map(({ id }) => id));
      assert.equal(ids.size, 1, `the word was lost ${when} it was said`);
      assert.partialDeepStrictEqual(skipped[0]?.data, { instant: missed, reason: 'late', missed: 7 });
    }
  });

  it('that was told as missed while the clock was ahead is run when it is due after all, once', async () => {
    const rig = await firing();
    const due = isoTime(rig);
    await rig.fire(due, 2);
    assert.deepEqual(await rig.states(), ['skipped']);
    for (let time = 0; time < 2; time += 1) await rig.fire(due);
    await rig.settle();
    await rig.fire(due, 2);
    await rig.settle();
    assert.deepEqual([await rig.states(), rig.engine.starts()], [['finished'], 1]);
  });

  it('is run, and not skipped, when the one before it had ended while nobody looked', async () => {
    const rig = await firing();
    const first = isoTime(rig);
    await rig.fire(first);
    await rig.pass();
    await rig.restart();
    rig.later(1_000);
    assert.equal((await rig.states())[0], 'running');
    await rig.fire(isoTime(rig));
    await rig.settle();
    assert.deepEqual(await rig.states(), ['finished', 'finished']);
    assert.equal(rig.events.filter(({ type }) => type === 'job.skipped.v1').length, 0);
  });

  it('is skipped while the one before it runs, also after a restart', async () => {
    const rig = await firing({ ...job, endsAfterMs: 60_000 });
    await rig.fire(isoTime(rig));
    await rig.pass();
    await rig.restart();
    rig.later(1_000);
    await rig.fire(isoTime(rig));
    assert.deepEqual(await rig.states(), ['running', 'skipped']);
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
    for (const skipped of [0, 1, 2, 3, 4]) {
      const rig = await firing();
      await rig.fire(isoTime(rig));
      rig.fail('runs.update', 'after', skipped);
      await rig.settle();
      assert.deepEqual([await rig.states(), rig.engine.starts()], [['finished'], 1], `the reply to write ${skipped} was lost`);
    }
  });

  it('runs once when its start could not be written down and another image is wanted by then', async () => {
    for (const endsAfterMs of [300, 60_000]) {
      for (const call of ['runs.update', 'releases.update', 'releases.create']) {
        for (const when of ['before', 'after'] as const) {
          const rig = await firing({ ...job, endsAfterMs });
          await rig.fire(isoTime(rig));
          await rig.settle();
          await rig.fire(isoTime(rig));
          const { start } = rig.engine;
          rig.engine.start = async (id) => {
            rig.engine.start = start;
            await start(id);
            await rig.accept('v2');
            rig.fail(call, when);
          };
          await rig.settle();
          assert.deepEqual([rig.engine.starts(), await rig.states()], [2, ['finished', 'finished']], `${call} failed ${when}`);
          const outcome = rig.events.map(({ type }) => type).filter((type) => type.startsWith('job.'));
          assert.deepEqual(outcome, ['job.started.v1', 'job.finished.v1', 'job.started.v1', 'job.finished.v1']);
        }
      }
    }
  });

  it('runs in a new container when its own has lost its network or its address for good', async () => {
    for (const code of ['NETWORK_MISSING', 'ADDRESS_TAKEN'] as const) {
      const rig = await firing();
      await rig.fire(isoTime(rig));
      await rig.settle();
      const [before] = rig.engine.all();
      const { start } = rig.engine;
      rig.engine.start = async (id) => {
        if (rig.engine.all().some((each) => each.id === before?.id && [each.id, each.name].includes(id)))
          throw new RetryableError(code, 'refused');
        await start(id);
      };
      rig.later(86_400_000);
      await rig.fire(isoTime(rig));
      await rig.settle();
      assert.deepEqual([await rig.states(), rig.engine.starts()], [['finished', 'finished'], 2], code);
      assert.deepEqual(
        rig.engine.all().map(({ id, name }) => [id === before?.id, name]),
        [[false, 'web']],
      );
    }
  });

  it('has the name of its service, wherever the reconciler dies', async () => {
    for (const effect of ['before', 'after'] as const) {
      const simulation = await declared(nightly);
      await simulation.claim(instant(simulation), nightly);
      await simulation.settle({ crashes: [{ call: 1, of: 'rename', effect }] });
      assert.deepEqual(
        simulation.engine.all().map(({ name }) => name),
        ['web'],
      );
      assert.deepEqual(said(simulation, ...outcomes), [1, 1, 0]);
    }
  });

  it('is made whole again when it was frozen or cut off its network', async () => {
    for (const spec of [nightly, rolledOut]) {
      const simulation = await declared(spec, { ...job, endsAfterMs: 60_000 });
      await simulation.settle();
      await simulation.claim(instant(simulation), spec);
      await simulation.settle({ untilMs: 2_000 });
      simulation.engine.interruptAliases(simulation.engine.all()[0]?.id ?? '');
      await simulation.settle();
      assert.deepEqual(said(simulation, ...outcomes), [1, 1, 0]);
    }
  });

  it('is made of what serves when rollouts bring its releases, and its containers are left to the run', async () => {
    const simulation = await declared(rolledOut, { ...job, endsAfterMs: 20_000 });
    const serves = simulation.engine.all()[0]?.kedge?.release;
    await simulation.claim(instant(simulation), rolledOut);
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 5_000 });
    assert.deepEqual(
      simulation.engine.all().map(({ state, kedge }) => [state, kedge?.release]),
      [['running', serves]],
    );
    await simulation.settle();
    assert.deepEqual(said(simulation, ...outcomes, 'deploy.succeeded'), [1, 1, 0, 2]);
    assert.equal(simulation.engine.starts(), 3);
    assert.notEqual(simulation.engine.all()[0]?.kedge?.release, serves);
  });

  it('that falls due behind a rollout keeps a newer release from taking over neither from that nor for ever', async () => {
    const simulation = await declared(rolledOut);
    simulation.engine.troubles.pull = new RetryableError('PULL_FAILED', 'nobody answers');
    await simulation.accept('v2');
    await simulation.settle({ untilMs: 30_000 });
    await simulation.claim(instant(simulation), rolledOut);
    await simulation.settle({ untilMs: 30_000 });
    await simulation.accept('v3');
    await simulation.settle({ untilMs: 30_000 });
    simulation.engine.troubles.pull = null;
    await simulation.settle();
    assert.equal((await simulation.record())?.serving?.digest, digestOf('v3'));
    assert.equal((await simulation.runsKept()).filter(({ state }) => state === 'claimed').length, 0);
  });

  it('runs in one new container of the newest image with pull = "always", also when rollouts bring its releases', async () => {
    for (const watch of [true, false]) {
      const spec = specOf({ service: { restart: 'no' }, dispenser: { watch, cron: '0 3 * * *', pull: 'always' } });
      const simulation = await declared(spec);
      const [before] = simulation.engine.all();
      await simulation.claim(instant(simulation), spec);
      await simulation.accept('v2');
      await simulation.settle();
      assert.deepEqual(said(simulation, ...outcomes), [1, 1, 0]);
      assert.equal(simulation.engine.starts(), 2);
      const [after] = simulation.engine.all();
      assert.notEqual(after?.kedge?.digest, before?.kedge?.digest);
    }
  });

  it('is told to its end when it is declared no more, or everything is taken down', async () => {
    for (const how of ['undeclared', 'down'] as const) {
      for (const effect of ['before', 'after'] as const) {
        for (const call of ['stop', 'logs', 'remove', 'runs.update', 'runs.delete', 'publish job.finished'] as const) {
          const simulation = await declared(nightly, { ...job, endsAfterMs: 600_000 });
          await simulation.claim(instant(simulation), nightly);
          await simulation.settle({ untilMs: 2_000 });
          assert.deepEqual(said(simulation, ...outcomes), [1, 0, 0]);
          await leave(simulation, how);
          await simulation.settle({ crashes: [{ call: 1, of: call, effect }], untilMs: 120_000 });
          assert.deepEqual(said(simulation, ...outcomes), [1, 1, 0], `${how}, killed ${effect} ${call}`);
          const finished = simulation.events.findLast(({ type }) => type === 'job.finished.v1')?.data;
          assert.partialDeepStrictEqual(finished, { exitCode: 0 }, 'as its container ended');
          const kept = (await simulation.runsKept()).map(({ state }) => state);
          assert.deepEqual([kept, simulation.engine.all()], [how === 'down' ? ['finished'] : [], []]);
        }
      }
    }
  });

  it('is told to its end although its container went without a word', async () => {
    for (const how of ['undeclared', 'down'] as const) {
      const simulation = await declared(nightly, { ...job, endsAfterMs: 600_000 });
      await simulation.claim(instant(simulation), nightly);
      await simulation.settle({ untilMs: 2_000 });
      await leave(simulation, how);
      simulation.engine.lose(simulation.engine.all()[0]?.id ?? '');
      await simulation.settle({ untilMs: 120_000 });
      assert.deepEqual(said(simulation, ...outcomes), [1, 1, 0]);
      assert.partialDeepStrictEqual(simulation.events.findLast(({ type }) => type === 'job.finished.v1')?.data, { exitCode: -1 });
    }
  });

  it('is told as started and finished when it leaves before its start was written down', async () => {
    const simulation = await declared(nightly, { ...job, endsAfterMs: 600_000 });
    await simulation.claim(instant(simulation), nightly);
    const { start } = simulation.engine;
    simulation.engine.start = async (id) => {
      await start(id);
      await simulation.declare(null);
    };
    await simulation.settle({ crashes: [{ call: 1, of: 'start', effect: 'after' }], untilMs: 120_000 });
    assert.deepEqual([said(simulation, ...outcomes), simulation.engine.all()], [[1, 1, 0], []]);
  });

  it('is told as skipped when it was claimed and cannot start any more', async () => {
    for (const how of ['undeclared', 'down', 'no job'] as const) {
      const simulation = await declared(nightly);
      simulation.engine.troubles.pull = new RetryableError('REGISTRY_UNREACHABLE', 'the registry does not answer');
      await simulation.claim(instant(simulation), nightly);
      await simulation.settle({ untilMs: 2_000 });
      if (how === 'no job') await simulation.declare(specOf({ service: { restart: 'no' } }));
      else await leave(simulation, how);
      await simulation.settle({ untilMs: 120_000 });
      assert.deepEqual(said(simulation, ...outcomes), [0, 0, 1], how);
      const skipped = simulation.events.findLast(({ type }) => type === 'job.skipped.v1')?.data;
      assert.partialDeepStrictEqual(skipped, { reason: how === 'down' ? 'down' : 'undeclared' });
    }
  });

  it('is given up, and does not stand in the way of the next one, when nobody knows its image', async () => {
    const simulation = await open({ v1: job });
    await simulation.declare(nightly);
    await simulation.claim(instant(simulation), nightly);
    await simulation.settle();
    assert.deepEqual(said(simulation, ...outcomes), [0, 0, 1]);
    await simulation.accept('v1');
    await simulation.claim(instant(simulation), nightly);
    await simulation.settle();
    assert.deepEqual(said(simulation, ...outcomes), [1, 1, 1]);
  });

  it('runs each instant exactly once, wherever the reconciler dies', async () => {
    const Crashes = fc.array(
      fc.record({ call: fc.integer({ min: 1, max: 120 }), effect: fc.constantFrom('before' as const, 'after' as const) }),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(Crashes, { minLength: 1, maxLength: 3 }), async (stories) => {
        const simulation = await declared(nightly);
        for (const [index, crashes] of stories.entries()) {
          const { start } = simulation.engine;
          simulation.engine.start = async (id) => {
            simulation.engine.start = start;
            await start(id);
            await simulation.accept(`v${(index % 2) + 1}`);
          };
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
