import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, releaseOf } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import { canCreate, makesRoom, needsItsPlace, planArrival } from './plan-arrival.ts';
import type { PlanState } from './plan-release.ts';

function steps(changes: Partial<PlanState>): readonly string[] {
  return planArrival(planState(changes)).map((step) => ('id' in step ? `${step.kind} ${step.id}` : step.kind));
}

const one = container({ id: 'c1' });
const created = container({ id: 'c1', state: 'created', startedAt: null, hasAlias: false });
const exited = container({ id: 'c1', state: 'exited', exitCode: 1 });

describe('planArrival', () => {
  it('makes what is missing, after the image is there, in slots that nobody has', () => {
    assert.deepEqual(steps({}), ['create']);
    assert.deepEqual(steps({ imagePresent: false }), ['pull', 'create']);
    const made = planArrival(planState({ replicas: 3, keep: [container({ kedge: { slot: 1 } })] }));
    assert.deepEqual(
      made.map((step) => step.kind === 'create' && step.slot),
      [0, 2],
    );
  });

  it('cannot make what is declared otherwise by now, and does not repeat what runs once', () => {
    assert.deepEqual(steps({ specIsWanted: false }), ['look-again']);
    assert.deepEqual(steps({ policy: 'no' }), []);
    assert.equal(canCreate(planState()), true);
    assert.equal(canCreate(planState({ keep: [one] })), false);
  });

  it('starts what was made, with its name before where giving it later costs connections', () => {
    assert.deepEqual(steps({ keep: [created] }), ['start c1']);
    assert.deepEqual(steps({ keep: [created], namedForLife: true }), ['alias c1', 'start c1']);
  });

  it('starts again what ended against its policy', () => {
    assert.deepEqual(steps({ keep: [exited] }), ['start c1']);
    assert.deepEqual(steps({ keep: [exited], policy: 'no' }), []);
  });

  it('waits behind an obstacle', () => {
    const { now } = planState();
    assert.deepEqual(planArrival(planState({ populateFrom: now + 7_000 })), [
      { kind: 'look-again', afterMs: 7_000, reason: 'an obstacle is in the way' },
    ]);
  });

  it('stops the other release first where two cannot coexist', () => {
    const old = container({ id: 'old', kedge: { release: releaseOf('v0') } });
    const state = { strategy: 'stop-first' as const, mode: 'rollout' as const, keep: [created], leaving: [old] };
    assert.deepEqual(steps(state), ['stop old']);
    assert.deepEqual(steps({ ...state, mayDestroy: false }), ['look-again']);
    assert.deepEqual(steps({ ...state, leaving: [{ ...old, state: 'exited' }] }), ['start c1']);
  });

  it('gives the name to what is fit, and waits for what is not yet', () => {
    const fit = container({ id: 'c1', hasAlias: false });
    assert.deepEqual(steps({ keep: [fit], passed: [fit] }), ['alias c1']);
    const pending = { kind: 'pending', reason: 'not yet', lookAfterMs: 250 } as const;
    assert.deepEqual(planArrival(planState({ keep: [fit], verdicts: new Map([['c1', pending]]) })), [
      { kind: 'look-again', afterMs: 250, reason: 'not yet' },
    ]);
  });
});

describe('a step', () => {
  it('needs its place when it makes or starts, or makes room for that', () => {
    const stop = { kind: 'stop', id: 'c1', reason: '' } as const;
    assert.deepEqual([needsItsPlace({ kind: 'start', id: 'c1' }), needsItsPlace(stop)], [true, false]);
    assert.deepEqual(
      [makesRoom({ ...stop, makesRoom: true }), needsItsPlace({ ...stop, makesRoom: true }), makesRoom(stop)],
      [true, true, false],
    );
  });
});
