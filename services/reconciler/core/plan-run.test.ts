import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunRecord } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { container, releaseOf } from '../testing/observed.ts';
import { planRun, planRunStart, refuseRun, wasStarted } from './plan-run.ts';

const now = Date.parse('2026-01-01T03:00:05Z');
const instant = '2026-01-01T03:00:00.000Z';
const claimed = RunRecord.parse({ node: 'local', service: 'web', instant, state: 'claimed' });
const running = { ...claimed, state: 'running' as const, container: 'c1' };
const release = releaseOf('v1');
const ended = container({ state: 'exited', exitCode: 0 });
const fresh = container({ state: 'created', startedAt: null });
/** Given a container that ended, and one that was never started. */
const again = { ...claimed, release, container: 'c1', startedAt: ended.startedAt?.toISOString() };
const first = { ...claimed, release, container: 'c1' };

describe('planRun', () => {
  const base = { run: claimed, writtenAt: now - 1_000, isJob: true, containers: [], now };
  const plan = (given: Partial<Parameters<typeof planRun>[0]>) => {
    const step = planRun({ ...base, ...given });
    return step && 'reason' in step ? `${step.kind}: ${step.reason}` : (step?.kind ?? null);
  };

  it('lets it start when nothing runs', () => {
    for (const containers of [[], [ended], [fresh]]) assert.equal(plan({ containers }), null);
    assert.equal(plan({ run: again, containers: [ended] }), null);
    assert.equal(plan({ run: first, containers: [fresh] }), null);
  });

  it('skips it while something runs that is not its own', () => {
    for (const state of ['running', 'restarting', 'paused'] as const)
      assert.equal(plan({ containers: [container({ state })] }), 'skip: overlap');
    assert.equal(plan({ run: { ...first, container: 'c2' }, containers: [container()] }), 'skip: overlap');
  });

  it('knows its own container by a start that it was not given with, whatever release is wanted by now and whatever the clocks say', () => {
    for (const run of [again, first]) {
      for (const state of ['running', 'exited'] as const) {
        for (const byMs of [-3_600_000, -1, 1, 3_600_000]) {
          const startedAt = new Date((ended.startedAt?.getTime() ?? 0) + byMs);
          assert.equal(plan({ run, containers: [container({ state, startedAt })] }), 'note-start');
          assert.equal(plan({ run, isJob: false, now: now + 3_600_000, containers: [container({ state, startedAt })] }), 'note-start');
        }
      }
    }
  });

  it('takes no start for its own that was there before', () => {
    assert.equal(wasStarted(again, ended), false);
    assert.equal(wasStarted(first, fresh), false);
    assert.equal(wasStarted(claimed, container()), false);
  });

  it('gives it up when it could not be started for long, and when it is a job no more', () => {
    assert.equal(plan({ now: now + 11 * 60_000 }), 'skip: not-started');
    assert.equal(plan({ isJob: false }), 'skip: undeclared');
  });

  it('waits for the end of its container, which may vanish', () => {
    assert.equal(plan({ run: running, containers: [container()] }), 'look-again: the job runs');
    assert.equal(plan({ run: running, containers: [container({ state: 'exited', exitCode: 3 })] }), 'finish');
    assert.equal(plan({ run: running, containers: [container({ id: 'other' })] }), 'lost');
    assert.equal(plan({ run: running, containers: [container({ state: 'dead' })] }), 'lost');
  });
});

describe('planRunStart', () => {
  const base = { run: claimed, release, recreate: false, containers: [], taken: null };
  const plan = (given: Partial<Parameters<typeof planRunStart>[0]>) => planRunStart({ ...base, ...given });

  it('makes a container when there is none', () => assert.deepEqual(plan({}), { kind: 'make' }));

  it('notes the container of the run before', () => {
    assert.deepEqual(plan({ containers: [ended] }), { kind: 'assign', id: 'c1' });
    assert.deepEqual(plan({ run: { ...again, container: 'c0' }, containers: [ended] }), { kind: 'assign', id: 'c1' });
  });

  it('clears away a container of another release, also one that it was given', () => {
    for (const run of [claimed, again])
      assert.deepEqual(plan({ run, release: releaseOf('v2'), containers: [ended] }), { kind: 'clear', ids: ['c1'] });
  });

  it('clears away the ended container when a new one is wanted for each run', () => {
    assert.deepEqual(plan({ recreate: true, containers: [ended] }), { kind: 'clear', ids: ['c1'] });
    assert.deepEqual(plan({ recreate: true, containers: [fresh] }), { kind: 'assign', id: 'c1' });
  });

  it('takes the container by a name of its own, and starts only what it took itself', () => {
    const taken = 'web.20260101T030000000Z.one';
    assert.deepEqual(plan({ run: again, containers: [ended] }), { kind: 'take', id: 'c1' });
    assert.deepEqual(plan({ run: again, containers: [{ ...ended, name: 'web.20260101T030000000Z.other' }], taken }), {
      kind: 'take',
      id: 'c1',
    });
    assert.deepEqual(plan({ run: again, containers: [ended], taken }), { kind: 'take', id: 'c1' });
    assert.deepEqual(plan({ run: again, containers: [{ ...ended, name: taken }], taken }), { kind: 'start', id: 'c1' });
  });

  it('comes to a start in a few steps, from whatever is there', () => {
    const AnyContainer = fc
      .record({
        id: fc.constantFrom('c1', 'c2', 'c3'),
        name: fc.constantFrom('web', 'web.1da64b80.0'),
        state: fc.constantFrom('created' as const, 'exited' as const, 'dead' as const),
        version: fc.constantFrom('v1', 'v2'),
      })
      .map(({ version, state, ...rest }) =>
        container({ ...rest, state, startedAt: state === 'created' ? null : new Date(now), kedge: { release: releaseOf(version) } }),
      );
    const Containers = fc.uniqueArray(AnyContainer, { selector: ({ id }) => id });
    fc.assert(
      fc.property(Containers, fc.boolean(), (given, recreate) => {
        let [containers, run] = [given, claimed];
        const kinds: string[] = [];
        const taken = 'mine';
        for (
          let step = plan({ run, containers, recreate, taken });
          step.kind !== 'start';
          step = plan({ run, containers, recreate, taken })
        ) {
          kinds.push(step.kind);
          assert.ok(kinds.length < 5, kinds.join(' '));
          if (step.kind === 'clear') containers = containers.filter(({ id }) => !step.ids.includes(id));
          if (step.kind === 'make') containers = [container({ id: 'new', name: 'web.1da64b80.0', state: 'created', startedAt: null })];
          if (step.kind === 'take') containers = containers.map((each) => ({ ...each, name: taken }));
          if (step.kind === 'assign') run = { ...claimed, container: step.id };
        }
        assert.deepEqual(
          containers.map(({ name, kedge }) => [name, kedge?.release]),
          [['mine', release]],
        );
      }),
    );
  });
});

describe('refuseRun', () => {
  const good = { instant, isDown: false, isJob: true, isRequested: false, hasOpenRun: false, now };
  it('takes what is due', () => assert.equal(refuseRun(good), null));
  it('refuses what is not a job, late, or overlaps', () => {
    assert.equal(refuseRun({ ...good, isDown: true })?.reason, 'down');
    assert.equal(refuseRun({ ...good, isJob: false })?.reason, 'undeclared');
    assert.equal(refuseRun({ ...good, now: now + 60_000 })?.reason, 'late');
    assert.equal(refuseRun({ ...good, hasOpenRun: true })?.reason, 'overlap');
  });
  const told: readonly (readonly [missed: number, agoMs: number, message: string])[] = [
    [1, 3_600_000, 'it was due 3600 s ago, while the scheduler or the bus was away'],
    [1, 11_000, 'it was due 11 s ago, while the scheduler or the bus was away'],
    [19, 61_000, 'it was due 61 s ago, while the scheduler or the bus was away, and is the last of 19 that were missed'],
    [20, 61_000, 'it was due 61 s ago, while the scheduler or the bus was away, and is the last of 20 or more that were missed'],
    [2, -5_000, 'it was due 0 s ago, while the scheduler or the bus was away, and is the last of 2 that were missed'],
  ];
  for (const [missed, agoMs, message] of told)
    it(`refuses what the scheduler missed: ${message}`, () => {
      const at = Date.parse(instant) + agoMs;
      assert.deepEqual(refuseRun({ ...good, missed, now: at }), { reason: 'late', message, missed });
    });
  it('tells how many were missed while everything was down, or that are not declared', () => {
    assert.partialDeepStrictEqual(refuseRun({ ...good, missed: 3, isDown: true }), { reason: 'down', missed: 3 });
    assert.partialDeepStrictEqual(refuseRun({ ...good, missed: 3, isJob: false }), { reason: 'undeclared', missed: 3 });
  });
  it('takes what somebody asked for whenever it arrives', () => {
    assert.equal(refuseRun({ ...good, isRequested: true, now: now + 86_400_000 }), null);
    assert.equal(refuseRun({ ...good, isRequested: true, now: now - 86_400_000 }), null);
    assert.equal(refuseRun({ ...good, isRequested: true, hasOpenRun: true })?.reason, 'overlap');
  });
});
