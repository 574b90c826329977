import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { networkPlan } from './network-plan.ts';
import type { NetworkStep } from './plan-networks.ts';
import { changeOf, keptOf, missingIn, nameIn } from './tell-networks.ts';

const plan = networkPlan({ name: 'back' }, 'local');
const refusal = { code: 'ENGINE_REFUSED', message: 'no swarm' };

describe('what people are told of networks', () => {
  const table: readonly (readonly [step: NetworkStep, change: string | null, kept: string | null])[] = [
    [{ kind: 'create', plan, reason: 'web needs it' }, 'create web needs it', null],
    [{ kind: 'recreate', plan, reason: 'internal' }, 'recreate internal', null],
    [{ kind: 'remove', name: 'back', reason: 'undeclared' }, 'remove undeclared', null],
    [
      { kind: 'refuse', name: 'back', wanted: 'remove', reason: 'x is on it', code: 'NETWORK_IN_USE' },
      'remove NETWORK_IN_USE: x is on it',
      'NETWORK_IN_USE x is on it',
    ],
    [{ kind: 'use-as-is', name: 'back', reason: 'not ours' }, null, null],
    [{ kind: 'missing', name: 'back', reason: 'make it', code: 'NETWORK_MISSING' }, null, 'NETWORK_MISSING make it'],
  ];
  for (const [step, change, kept] of table) {
    it(`of ${step.kind}`, () => {
      assert.equal(nameIn(step), 'back');
      const [changed] = changeOf(step, null);
      assert.equal(changed ? `${changed.action} ${changed.reason}` : null, change);
      const [stays] = keptOf(step, null);
      assert.equal(stays ? `${stays.code} ${stays.message}` : null, kept);
    });
  }

  it('of one that somebody else has to make', () => {
    const missing = table.flatMap(([step]) => missingIn(step));
    assert.deepEqual(missing, [{ name: 'back', reason: 'NETWORK_MISSING: make it' }]);
  });

  for (const kind of ['create', 'recreate'] as const) {
    it(`of ${kind}, which the engine refused`, () => {
      const step = { kind, plan, reason: 'it is declared' };
      assert.deepEqual(changeOf(step, refusal), [{ name: 'back', action: kind, reason: 'ENGINE_REFUSED: no swarm' }]);
      assert.deepEqual(keptOf(step, refusal), [{ name: 'back', ...refusal }]);
    });
  }
});
