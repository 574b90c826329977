import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DependencyCondition } from '@kedge/shared/contracts';
import { container } from '../testing/observed.ts';
import { pendingDependency } from './dependencies.ts';

const states = {
  running: container(),
  starting: container({ health: 'starting' }),
  healthy: container({ health: 'healthy' }),
  completed: container({ state: 'exited', exitCode: 0 }),
  failed: container({ state: 'exited', exitCode: 1 }),
  created: container({ state: 'created', exitCode: 0, startedAt: null }),
};
const satisfied: Record<DependencyCondition, readonly (keyof typeof states)[]> = {
  started: ['running', 'starting', 'healthy'],
  completed: ['completed'],
  healthy: ['running', 'healthy'],
};

describe('pendingDependency', () => {
  for (const [condition, good] of Object.entries(satisfied)) {
    for (const [state, found] of Object.entries(states)) {
      const isGood = good.some((name) => name === state);
      it(`${state} ${isGood ? 'satisfies' : 'does not satisfy'} ${condition}`, () => {
        const pending = pendingDependency({ db: condition as DependencyCondition }, () => [found]);
        assert.equal(pending, isGood ? null : `it waits for db (${condition})`);
      });
    }
  }

  it('waits for a service that has no container', () =>
    assert.equal(
      pendingDependency({ db: 'started' }, () => []),
      'it waits for db (started)',
    ));
  it('waits for all of them', () => {
    assert.equal(
      pendingDependency({ db: 'started', seed: 'completed' }, (name) => (name === 'db' ? [states.running] : [])),
      'it waits for seed (completed)',
    );
  });
});
