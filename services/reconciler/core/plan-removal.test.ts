import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, releaseOf, service, target } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import { node } from '../testing/simulated-proxies.ts';
import { planRemoval } from './plan-removal.ts';

function steps(changes: Partial<Parameters<typeof planRemoval>[0]>): readonly string[] {
  return planRemoval({ ...planState(), service, stays: false, remaining: { routes: [], awaited: false }, ...changes }).map((step) =>
    'id' in step ? `${step.kind} ${step.id}` : step.kind,
  );
}

describe('planRemoval', () => {
  const named = container({ id: 'c1' });
  const nameless = container({ id: 'c1', name: 'web.1.0', hasAlias: false });

  it('has nothing to do where nothing is left', () => assert.deepEqual(steps({ containers: [] }), []));
  it('takes the name away before anything ends', () => assert.deepEqual(steps({ containers: [named] }), ['rename c1', 'drop-alias c1']));
  it('leaves the name to what has ports of the host until it stops: their connections would be cut', () => {
    assert.deepEqual(steps({ containers: [named], namedForLife: true }), ['rename c1']);
    assert.deepEqual(steps({ containers: [{ ...named, name: 'web.1.0' }], namedForLife: true }), ['stop c1', 'remove c1']);
  });
  it('lets callers notice, and stops and removes it then', () => {
    assert.deepEqual(steps({ containers: [nameless] }), ['look-again']);
    assert.deepEqual(steps({ containers: [nameless], quietForMs: new Map([['c1', 5_000]]) }), ['stop c1', 'remove c1']);
  });
  it('removes at once what has ended', () => assert.deepEqual(steps({ containers: [{ ...nameless, state: 'exited' }] }), ['remove c1']));
  it('waits where nothing may be destroyed yet', () =>
    assert.deepEqual(steps({ containers: [{ ...nameless, state: 'exited' }], mayDestroy: false }), ['look-again']));

  const routed = { node, service, routes: [{ host: 'web.test', path: '/' }], targets: [target('c1')] };
  const draining = { ...routed, routes: [], targets: [target('c1', { state: 'draining' })] };
  it('keeps routes that another service takes over, and has requests wait for it', () => {
    const remaining = { routes: routed.routes, awaited: true };
    const holding = { ...routed, targets: [], hold: true };
    assert.deepEqual(steps({ endpoints: routed, containers: [named], remaining }), ['route']);
    assert.deepEqual(steps({ endpoints: holding, containers: [], remaining }), []);
    assert.deepEqual(steps({ endpoints: holding, containers: [] }), ['unroute']);
  });

  const open = { applied: true, openRequests: 1, waitingFor: [] };
  const candidate = container({ id: 'c2', name: 'web.2.0', hasAlias: false, kedge: { release: releaseOf('v2') } });
  const quietForMs = new Map([['c2', 5_000]]);
  const both = { containers: [named, candidate], endpoints: routed, quietForMs };
  const v2 = { release: releaseOf('v2') };

  const whileOthersStay: Record<string, readonly [Partial<Parameters<typeof planRemoval>[0]>, readonly string[]]> = {
    'goes when nobody was ever sent there': [both, ['stop c2', 'remove c2']],
    'goes when it ended': [{ ...both, containers: [named, { ...candidate, state: 'exited' }] }, ['remove c2']],
    'goes when it was never started': [{ ...both, containers: [named, { ...candidate, state: 'created' }] }, ['remove c2']],
    'goes although nothing is remembered of what serves': [{ ...both, serving: null }, ['stop c2', 'remove c2']],
    'loses the name before, if it has that already': [
      { ...both, containers: [named, { ...candidate, namedOn: ['kedge'] }] },
      ['drop-alias c2'],
    ],
    'goes a while after callers could have found it': [{ ...both, quietForMs: new Map([['c2', 1_000]]) }, ['look-again']],
    'stays while nothing may be destroyed': [{ ...both, mayDestroy: false }, ['look-again']],
    'stays when proxies send requests to it': [{ ...both, endpoints: { ...routed, targets: [target('c1'), target('c2', v2)] } }, []],
    'stays when it has requests open': [
      { ...both, endpoints: { ...routed, targets: [target('c1'), target('c2', { ...v2, state: 'draining' })] }, proof: open },
      [],
    ],
    'stays when it is another container of a release that proxies know': [
      { ...both, endpoints: { ...routed, targets: [target('c3', v2)] } },
      [],
    ],
    'stays when it is of the release in service, and not back yet': [{ ...both, serving: releaseOf('v2') }, []],
  };
  for (const [what, [changes, expected]] of Object.entries(whileOthersStay)) {
    it(`lets what serves stay: what another rollout made ${what}`, () => assert.deepEqual(steps({ stays: true, ...changes }), expected));
  }

  it('does not keep what never served until the requests of others have ended', () =>
    assert.deepEqual(steps({ ...both, endpoints: draining, proof: open }), ['stop c2', 'remove c2', 'look-again']));
  it('asks proxies to let go before it waits for a container to stop', () =>
    assert.deepEqual(steps(both), ['route', 'stop c2', 'remove c2']));
});
