import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOurs, networkDifferences, networkPlan } from './network-plan.ts';

const plan = networkPlan({ name: 'back', labels: { team: 'a' } }, 'local');

describe('what a declared network is made of', () => {
  it('has the defaults of the grammar', () => {
    assert.deepEqual(plan, {
      name: 'back',
      driver: 'bridge',
      internal: false,
      attachable: true,
      labels: { team: 'a', 'managed-by': 'kedge', 'kedge.node': 'local', 'kedge.network': 'back' },
    });
  });

  it('has no label of the user that would be taken for one of Kedge', () => {
    const labels = { 'kedge.node': 'other', 'kedge.x': 'y', 'managed-by': 'me' };
    assert.deepEqual(networkPlan({ name: 'back', labels }, 'local').labels, {
      'managed-by': 'kedge',
      'kedge.node': 'local',
      'kedge.network': 'back',
    });
  });

  it('is ours by both of its labels', () => {
    assert.equal(isOurs(plan, 'local'), true);
    assert.equal(isOurs(plan, 'other'), false);
    assert.equal(isOurs({ ...plan, name: 'copied' }, 'local'), false);
    assert.equal(isOurs({ name: 'back', labels: {} }, 'local'), false);
  });

  it('tells every difference', () => {
    const wanted = networkPlan({ name: 'back', driver: 'macvlan', internal: true, attachable: false, labels: { tier: '1' } }, 'local');
    assert.deepEqual(networkDifferences(plan, plan), []);
    assert.deepEqual(networkDifferences(plan, wanted), [
      'driver bridge → macvlan',
      'internal false → true',
      'attachable true → false',
      'label team "a" → (none)',
      'label tier (none) → "1"',
    ]);
  });
});
