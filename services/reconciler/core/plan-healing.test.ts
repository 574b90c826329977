import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointsEntry } from '@kedge/shared/contracts';
import { container, service, target } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import { planHealing } from './plan-healing.ts';

const endpoints: EndpointsEntry = { node: 'local' as EndpointsEntry['node'], service, routes: [], targets: [target('c1')] };

function healing(changes: Parameters<typeof container>[0], isKept = true): readonly string[] {
  const one = container({ name: 'web.1.0', hasAlias: false, ...changes });
  const steps = planHealing(planState({ containers: [one], keep: isKept ? [one] : [] }));
  return steps.map(({ address, alias, reason }) => `${address} ${alias ? 'named' : 'nameless'}: ${reason}`);
}

describe('planHealing', () => {
  it('leaves alone what is whole, and what does not run', () => {
    assert.deepEqual(healing({}), []);
    for (const state of ['exited', 'created', 'restarting'] as const) assert.deepEqual(healing({ state, address: null }), []);
  });

  it('lets go on what was frozen', () =>
    assert.deepEqual(healing({ state: 'paused' }), [
      '10.0.0.2 nameless: it is frozen, as for the moment in which its name changes, and runs on',
    ]));

  it('puts back on its network what lost it, with the address that it was made with', () =>
    assert.deepEqual(healing({ address: null }), ['10.0.0.2 nameless: it had lost its network']));

  it('puts back on another network only what stays', () => {
    assert.deepEqual(healing({ cutFrom: ['db'] }), ['10.0.0.2 nameless: it had lost its network db']);
    assert.deepEqual(healing({ cutFrom: ['db'] }, false), []);
  });

  it('gives the name back to what had it, by name, by alias, or because requests go there', () => {
    for (const changes of [{ name: 'web' }, { namedOn: ['kedge'] }])
      assert.deepEqual(healing({ state: 'paused', ...changes }), [
        '10.0.0.2 named: it is frozen, as for the moment in which its name changes, and runs on',
      ]);
    const one = container({ name: 'web.1.0', hasAlias: false, state: 'paused' });
    const [step] = planHealing(planState({ keep: [one], endpoints }));
    assert.equal(step?.alias, true);
  });

  it('cannot put back what has no address that anybody knows', () =>
    assert.deepEqual(healing({ state: 'paused', address: null, kedge: { address: null } }), []));
});
