import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PlanReply } from '@kedge/shared/contracts';
import fc from 'fast-check';
import { web } from '../testing/samples.ts';
import { describeDifference, describeForeign, hasSomething, orderForReading, strategyOf, summaryOf } from './describe-plan.ts';

const actions = ['create', 'roll', 'restart', 'repair', 'remove'] as const;
const change = (action: (typeof actions)[number]) => ({ service: web, action, reason: 'x', steps: [] });

describe('orderForReading', () => {
  it('puts removals first, and keeps the order otherwise, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ action: fc.constantFrom(...actions), name: fc.nat() })), (changes) => {
        const ordered = orderForReading(changes);
        const removals = ordered.filter(({ action }) => action === 'remove').length;
        assert.ok(ordered.slice(0, removals).every(({ action }) => action === 'remove'));
        for (const action of actions)
          assert.deepEqual(
            ordered.filter((each) => each.action === action),
            changes.filter((each) => each.action === action),
          );
      }),
    );
  });
});

describe('describeDifference', () => {
  it('tells values, and of a secret only that it is another', () => {
    assert.equal(describeDifference({ key: 'service.memory', from: '256m', to: '512m' }), 'service.memory: 256m → 512m');
    assert.equal(describeDifference({ key: 'env.A', from: null, to: '1' }), 'env.A: added, 1');
    assert.equal(describeDifference({ key: 'env.A', from: '1', to: null }), 'env.A: taken out, was 1');
    assert.equal(describeDifference({ key: 'env.TOKEN', from: null, to: null }), 'env.TOKEN: changed (secret)');
  });
});

describe('strategyOf', () => {
  it('names the pause of a stop-first change', () => {
    assert.equal(strategyOf({ ...change('roll'), strategy: 'stop-first' }), ', stop-first: it is away for a moment');
    assert.equal(strategyOf({ ...change('roll'), strategy: 'start-first' }), ', start-first');
    assert.equal(strategyOf(change('repair')), '');
  });
});

describe('describeForeign', () => {
  const container = { service: web, container: 'web', image: 'nginx:1', running: true, because: 'name' as const, networks: ['dispenser'] };

  it('says what it is and why it is in the way', () => {
    assert.equal(describeForeign(container), 'container web (nginx:1, running, on dispenser) has the name of service web');
    assert.equal(
      describeForeign({ ...container, container: 'old', running: false, because: 'port', networks: [] }),
      'container old (nginx:1, not running) has a published port of service web',
    );
  });
});

describe('summaryOf', () => {
  it('counts, removals first', () => {
    const networks = [{ name: 'back', action: 'create' as const, reason: 'x' }];
    assert.equal(
      summaryOf({ changes: ['create', 'roll', 'remove', 'roll'].map((each) => change(each as 'roll')) }),
      '1 to remove, 2 to roll, 1 to create.',
    );
    assert.equal(summaryOf({ changes: [], networks }), '1 network to change.');
    const missingNetworks = [{ name: 'outer', reason: 'x' }];
    assert.equal(summaryOf({ changes: [], networks, missingNetworks }), '1 network to change, 1 network missing.');
    const refused = [
      { name: 'inner', action: 'recreate' as const, reason: 'NETWORK_IN_USE: another subnet; but web is on it' },
      { name: 'outer', action: 'create' as const, reason: 'ENGINE_ERROR: the engine does not make it: Pool overlaps' },
    ];
    assert.equal(summaryOf({ changes: [], networks: refused.slice(1) }), '1 network refused.');
    assert.equal(
      summaryOf({ changes: [change('roll')], networks: [...networks, ...refused], missingNetworks }),
      '1 to roll, 1 network to change, 2 networks refused, 1 network missing.',
    );
    assert.equal(summaryOf({ changes: [] }), null);
  });
});

describe('hasSomething', () => {
  const foreign = [{ service: web, container: 'web', image: 'nginx:1', running: true, because: 'name' as const, networks: [] }];
  const table: readonly (readonly [what: string, plan: Partial<PlanReply>, expected: boolean])[] = [
    ['an empty plan', {}, false],
    ['lists that are empty', { networks: [], missingNetworks: [], foreign: [] }, false],
    ['a change', { changes: [change('roll')] }, true],
    ['a network', { networks: [{ name: 'back', action: 'create' as const, reason: 'x' }] }, true],
    ['a network that is missing', { missingNetworks: [{ name: 'outer', reason: 'x' }] }, true],
    ["a container that is not Kedge's", { foreign }, true],
    ['a problem', { problem: 'a configuration waits for "kedge apply"' }, true],
  ];
  for (const [what, plan, expected] of table) {
    it(`is ${expected} for ${what}`, () => assert.equal(hasSomething({ changes: [], ...plan }), expected));
  }
});
