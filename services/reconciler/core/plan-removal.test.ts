import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, service } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import { planRemoval } from './plan-removal.ts';

function steps(changes: Partial<Parameters<typeof planRemoval>[0]>): readonly string[] {
  return planRemoval({ ...planState(), service, ...changes }).map((step) => ('id' in step ? `${step.kind} ${step.id}` : step.kind));
}

describe('planRemoval', () => {
  const named = container({ id: 'c1' });
  const nameless = container({ id: 'c1', name: 'web.1.0', hasAlias: false });

  it('has nothing to do where nothing is left', () => assert.deepEqual(steps({ containers: [] }), []));
  it('takes the name away before anything ends', () => assert.deepEqual(steps({ containers: [named] }), ['rename c1', 'drop-alias c1']));
  it('lets callers notice, and stops and removes it then', () => {
    assert.deepEqual(steps({ containers: [nameless] }), ['look-again']);
    assert.deepEqual(steps({ containers: [nameless], quietForMs: new Map([['c1', 5_000]]) }), ['stop c1', 'remove c1']);
  });
  it('removes at once what has ended', () => assert.deepEqual(steps({ containers: [{ ...nameless, state: 'exited' }] }), ['remove c1']));
  it('waits where nothing may be destroyed yet', () =>
    assert.deepEqual(steps({ containers: [{ ...nameless, state: 'exited' }], mayDestroy: false }), ['look-again']));
});
