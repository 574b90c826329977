import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointsEntry } from '@kedge/shared/contracts';
import { container, releaseOf, service, target } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import { goOnUnproven, planDeparture } from './plan-departure.ts';
import type { PlanState } from './plan-release.ts';

const old = container({ id: 'old', name: 'web.0.0', hasAlias: false, kedge: { release: releaseOf('v0') } });
const { now } = planState();
const endpoints: EndpointsEntry = {
  node: 'local' as EndpointsEntry['node'],
  service,
  routes: [],
  targets: [target('old', { state: 'draining' })],
};
const open = { applied: true, openRequests: 2, waitingFor: ['p1'] };

function steps(changes: Partial<PlanState>, which: 'all' | 'strays' = 'all'): readonly string[] {
  const state = planState({ leaving: [old], quietForMs: new Map([['old', 5_000]]), ...changes });
  return planDeparture(state, which).map((step) => ('id' in step ? `${step.kind} ${step.id}` : step.kind));
}

describe('planDeparture', () => {
  it('has nothing to do where nothing leaves', () => assert.deepEqual(steps({ leaving: [] }), []));

  it('waits for the proof that requests ended, until the bound', () => {
    const draining = { mode: 'rollout' as const, endpoints, proof: open, drainingSince: now - 1_000 };
    assert.deepEqual(steps(draining), ['look-again']);
    assert.deepEqual(steps({ ...draining, drainingSince: now - 30_000 }), ['unproven']);
    assert.deepEqual(steps({ ...draining, drainingSince: now - 30_000, unproven: true }), ['settle']);
    assert.deepEqual(steps({ ...draining, proof: { ...open, openRequests: 0, waitingFor: [] } }), ['settle']);
  });

  it('takes the name, lets callers notice, and stops then', () => {
    const named = { ...old, name: 'web', namedOn: ['kedge'] };
    assert.deepEqual(steps({ leaving: [named] }), ['rename old', 'drop-alias old']);
    assert.deepEqual(steps({ quietForMs: new Map([['old', 4_999]]) }), ['look-again']);
    assert.deepEqual(steps({}), ['stop old', 'remove old']);
  });

  it('names the heir before the last other one is nameless', () => {
    const heir = container({ id: 'new', name: 'web.1.0' });
    assert.deepEqual(steps({ leaving: [{ ...old, name: 'web' }], keep: [heir] }), ['rename old', 'rename new']);
  });

  it('as a stray leaves only what nobody needs', () => {
    assert.deepEqual(steps({}, 'strays'), ['stop old', 'remove old']);
    assert.deepEqual(steps({ carrying: [old] }, 'strays'), []);
    assert.deepEqual(steps({ mode: 'rollout', serving: releaseOf('v0') }, 'strays'), []);
  });

  it('destroys nothing while nobody knows whether it is needed', () => assert.deepEqual(steps({ mayDestroy: false }), ['look-again']));
});

describe('goOnUnproven', () => {
  it('is noted once, in a rollout, and not where the proof is there', () => {
    const state = planState({ mode: 'rollout', proof: open });
    assert.deepEqual(goOnUnproven(state), { kind: 'unproven', openRequests: 2, waitingFor: ['p1'] });
    assert.equal(goOnUnproven({ ...state, unproven: true }), null);
    assert.equal(goOnUnproven({ ...state, mode: 'maintain' }), null);
    assert.equal(goOnUnproven({ ...state, proof: { applied: true, openRequests: 0, waitingFor: [] } }), null);
  });
});
