import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointsEntry, Target } from '@kedge/shared/contracts';
import { container, releaseOf, service, target } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import type { PlanState } from './plan-release.ts';
import { awaitingForget, planRoutes } from './plan-routes.ts';

const routes = [{ host: 'a.b', path: '/' }];
const routing = { routes, port: 80 };
const one = container({ id: 'c1' });
const fit = { keep: [one], passed: [one], complete: true };

function entry(targets: readonly Target[], changes: Partial<EndpointsEntry> = {}): EndpointsEntry {
  return { node: 'local' as EndpointsEntry['node'], service, routes, targets: [...targets], ...changes };
}

/** The targets that are routed next, or what else happens. */
function next(changes: Partial<PlanState>): readonly string[] {
  return planRoutes(planState({ routing, ...changes })).flatMap((step) =>
    step.kind === 'route'
      ? [...step.table.targets.map(({ id, state }) => `${id} ${state}`), ...(step.table.hold ? ['held'] : [])]
      : [step.kind],
  );
}

describe('planRoutes', () => {
  it('routes what is fit, once', () => {
    assert.deepEqual(next(fit), ['c1 ready']);
    assert.deepEqual(next({ ...fit, endpoints: entry([target('c1')]) }), []);
  });

  it('makes no entry before somebody is fit', () => assert.deepEqual(next({ keep: [one] }), []));

  it('drains the old containers when the new ones are fit, and notes the switch afterwards', () => {
    const old = container({ id: 'old', kedge: { release: releaseOf('v0') } });
    const state = { ...fit, mode: 'rollout' as const, containers: [one, old], leaving: [old] };
    assert.deepEqual(next({ ...state, endpoints: entry([target('old')]) }), ['c1 ready', 'old draining']);
    assert.deepEqual(next({ ...state, endpoints: entry([target('c1'), target('old', { state: 'draining' })]) }), ['switched']);
  });

  it('holds requests while a stop-first release is on its way', () => {
    const made = container({ id: 'c1', state: 'created', hasAlias: false });
    const state = { mode: 'rollout' as const, strategy: 'stop-first' as const, keep: [made], containers: [made] };
    assert.deepEqual(next({ ...state, endpoints: entry([]) }), ['held']);
  });

  it('keeps the ports of the proxy open while their connections are held', () => {
    const ports = [{ host: 5432, container: 5432, idle_ms: 1 }];
    const state = {
      ...{ keep: [one], passed: [], complete: false, mode: 'rollout' as const, strategy: 'stop-first' as const },
      ...{ replicas: 1, serving: target('c0').release, routing: { routes: [], port: 5432, ports } },
      endpoints: entry([target('c0')], { routes: [], ports }),
    };
    const [step] = planRoutes(planState(state));
    assert.deepEqual(step?.kind === 'route' && [step.table.ports, step.table.hold], [ports, true]);
  });

  it('notes the switch also where there is no route', () => {
    const state = { ...fit, mode: 'rollout' as const, routing: null, endpoints: null };
    assert.deepEqual(next(state), ['switched']);
    assert.deepEqual(next({ ...state, switchedAt: 1 }), []);
    assert.deepEqual(next({ ...state, complete: false }), []);
  });

  it('takes the entry away when no route is declared any more and every proxy knows', () => {
    const state = { ...fit, mode: 'maintain' as const, routing: null, endpoints: entry([], { routes: [] }) };
    assert.deepEqual(next({ ...state, proof: { applied: false, openRequests: 0, waitingFor: ['p1'] } }), []);
    assert.deepEqual(next({ ...state, proof: { applied: true, openRequests: 0, waitingFor: [] } }), ['unroute']);
  });
});

describe('awaitingForget', () => {
  const waiting = { endpoints: entry([], { routes: [] }), proof: { applied: false, openRequests: 0, waitingFor: ['p1'] } };
  it('looks again while a proxy does not know the empty table', () =>
    assert.deepEqual(
      awaitingForget(planState(waiting)).map(({ kind }) => kind),
      ['look-again'],
    ));
  it('is over with the last of them, and never begins where something is routed', () => {
    assert.deepEqual(awaitingForget(planState({ ...waiting, proof: { applied: true, openRequests: 0, waitingFor: [] } })), []);
    assert.deepEqual(awaitingForget(planState({ ...waiting, endpoints: entry([target('c1')]) })), []);
  });
});
