import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RunRecord } from '@kedge/shared/contracts';
import { container, releaseOf } from '../testing/observed.ts';
import { planRun, refuseRun } from './plan-run.ts';

const now = Date.parse('2026-01-01T03:00:05Z');
const instant = '2026-01-01T03:00:00.000Z';
const claimed = RunRecord.parse({ node: 'local', service: 'web', instant, state: 'claimed' });
const running = { ...claimed, state: 'running' as const, container: 'c1' };
const release = releaseOf('v1');
const base = { run: claimed, claimedAt: now - 1_000, release, recreate: false, containers: [], now };
const ended = container({ state: 'exited', exitCode: 0 });

describe('planRun', () => {
  it('makes a container when there is none', () => assert.deepEqual(planRun(base), { kind: 'make' }));
  it('starts the container of the run before', () =>
    assert.deepEqual(planRun({ ...base, containers: [ended] }), { kind: 'start', id: 'c1' }));
  it('clears away a container of another release', () => {
    assert.deepEqual(planRun({ ...base, release: releaseOf('v2'), containers: [ended] }), { kind: 'clear', ids: ['c1'] });
  });
  it('clears away the ended container when a new one is wanted for each run', () => {
    assert.deepEqual(planRun({ ...base, recreate: true, containers: [ended] }), { kind: 'clear', ids: ['c1'] });
    assert.deepEqual(planRun({ ...base, recreate: true, containers: [container({ state: 'created', startedAt: null })] }), {
      kind: 'start',
      id: 'c1',
    });
  });
  it('is skipped while something runs', () => {
    const step = planRun({ ...base, containers: [container()] });
    assert.deepEqual([step.kind, 'reason' in step && step.reason], ['skip', 'overlap']);
  });
  it('sees that it was started before a crash', () => {
    for (const state of ['running', 'exited'] as const) {
      const started = container({ state, startedAt: new Date(now - 500) });
      assert.deepEqual(planRun({ ...base, containers: [started] }), { kind: 'note-start', id: 'c1' });
    }
  });
  it('is given up when it could not be started for long', () => {
    const step = planRun({ ...base, now: now + 11 * 60_000 });
    assert.deepEqual([step.kind, 'reason' in step && step.reason], ['skip', 'not-started']);
  });
  it('ends with the exit code of its container, or without one when that vanished', () => {
    assert.equal(planRun({ ...base, run: running, containers: [container()] }).kind, 'look-again');
    assert.deepEqual(planRun({ ...base, run: running, containers: [container({ state: 'exited', exitCode: 3 })] }), {
      kind: 'finish',
      id: 'c1',
      exitCode: 3,
    });
    assert.equal(planRun({ ...base, run: running, containers: [container({ id: 'other' })] }).kind, 'lost');
  });
});

describe('refuseRun', () => {
  const good = { instant, isDown: false, isJob: true, hasOpenRun: false, now };
  it('takes what is due', () => assert.equal(refuseRun(good), null));
  it('refuses what is not a job, late, or overlaps', () => {
    assert.equal(refuseRun({ ...good, isDown: true })?.reason, 'down');
    assert.equal(refuseRun({ ...good, isJob: false })?.reason, 'undeclared');
    assert.equal(refuseRun({ ...good, now: now + 60_000 })?.reason, 'late');
    assert.equal(refuseRun({ ...good, hasOpenRun: true })?.reason, 'overlap');
  });
});
