import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointsEntry } from '@kedge/shared/contracts';
import { container, releaseOf, service, target } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import type { Verdict } from './gates.ts';
import { type PlanInput, planRelease } from './plan-release.ts';
import { planRemoval } from './plan-removal.ts';
import { describeStep } from './step.ts';

const v1 = releaseOf('v1');
const v2 = releaseOf('v2');
const passed: Verdict = { kind: 'passed', reason: 'it answers' };
const pending: Verdict = { kind: 'pending', reason: 'not yet', lookAfterMs: 100 };
const anew: Verdict = { ...pending, makeAnew: true };
const failed: Verdict = { kind: 'failed', verdict: 'crashed', message: 'it crashed' };
const routes = [{ host: 'a.b', path: '/' }];
const now = Date.parse('2026-01-01T01:00:00Z');
const old = container({ id: 'old', kedge: { release: v1, address: '10.0.0.2' } });
const fresh = container({ id: 'new', name: 'web.2.0', hasAlias: false, address: '10.0.0.3', kedge: { release: v2, address: '10.0.0.3' } });
const named = { ...fresh, hasAlias: true, namedOn: ['kedge'] };
const tables = {
  old: entry([target('old')]),
  both: entry([target('new', { address: '10.0.0.3', release: v2 }), target('old', { state: 'draining' })]),
  new: entry([target('new', { address: '10.0.0.3', release: v2 })]),
};

function entry(targets: EndpointsEntry['targets'], hold = false): EndpointsEntry {
  return { node: 'local' as EndpointsEntry['node'], service, routes, targets, ...(hold ? { hold } : {}) };
}

const base: PlanInput = planState({
  wanted: v2,
  mode: 'rollout',
  routing: { routes, port: 80 },
  containers: [old],
  endpoints: tables.old,
  now,
});
const switched = {
  switchedAt: now,
  drainingSince: now,
  endpoints: tables.both,
  verdicts: new Map([['new', passed]]),
  containers: [old, named],
};
const drained = { applied: true, openRequests: 0, waitingFor: [] };
const unnamed = { ...old, name: 'web.1.0', hasAlias: false, namedOn: [] };

function plan(changes: Partial<PlanInput>): string[] {
  return planRelease({ ...base, ...changes }).map((step) => ('id' in step ? `${step.kind} ${step.id}` : step.kind));
}

describe('planRelease, the new release beside the old one', () => {
  const story: readonly (readonly [string, Partial<PlanInput>, readonly string[]])[] = [
    ['pulls the image first', { imagePresent: false }, ['pull', 'create']],
    ['makes the container', {}, ['create']],
    ['starts it', { containers: [old, { ...fresh, state: 'created' }] }, ['start new']],
    ['waits for its gates', { containers: [old, fresh], verdicts: new Map([['new', pending]]) }, ['look-again']],
    ['gives it the name', { containers: [old, fresh], verdicts: new Map([['new', passed]]) }, ['alias new']],
    ['moves the requests', { containers: [old, named], verdicts: new Map([['new', passed]]) }, ['route']],
    ['notes the switch', { ...switched, switchedAt: null }, ['switched']],
    ['waits until every proxy knows', { ...switched, proof: { applied: false, openRequests: 0, waitingFor: ['p'] } }, ['look-again']],
    ['waits until the last request ended', { ...switched, proof: { applied: true, openRequests: 1, waitingFor: ['p'] } }, ['look-again']],
    ['gives the name of the old one to the new one', { ...switched, proof: drained }, ['rename old', 'rename new', 'drop-alias old']],
    ['notes that it settles', { ...switched, proof: drained, containers: [unnamed, named] }, ['settle']],
    [
      'lets internal callers settle',
      { ...switched, proof: drained, settling: true, containers: [unnamed, named], quietForMs: new Map([['old', 4_000]]) },
      ['look-again'],
    ],
    [
      'stops and removes the old one',
      { ...switched, proof: drained, settling: true, containers: [unnamed, named], quietForMs: new Map([['old', 5_000]]) },
      ['stop old', 'remove old'],
    ],
    ['takes it out of the table', { ...switched, containers: [named] }, ['route']],
    ['gives the new one the plain name', { ...switched, endpoints: tables.new, containers: [named] }, ['rename new']],
    ['finishes', { ...switched, endpoints: tables.new, containers: [{ ...named, name: 'web' }] }, ['finish']],
  ];
  for (const [name, changes, steps] of story) it(name, () => assert.deepEqual(plan(changes), steps));

  for (const openRequests of [2, 0]) {
    it(`goes on without proof when the bound passed, and notes that first (requests known to be open: ${openRequests})`, () => {
      const late = { ...switched, proof: { applied: false, openRequests, waitingFor: ['p'] }, drainingSince: now - 30_000 };
      assert.deepEqual(planRelease({ ...base, ...late }), [{ kind: 'unproven', openRequests, waitingFor: ['p'] }]);
      assert.deepEqual(plan({ ...late, unproven: true }), ['rename old', 'rename new', 'drop-alias old']);
      assert.deepEqual(plan({ ...late, unproven: true, containers: [unnamed, named] }), ['settle']);
    });
  }

  it('stops and removes nothing while it is connected for too short a time', () => {
    const ready = {
      ...switched,
      proof: drained,
      settling: true,
      containers: [unnamed, named],
      quietForMs: new Map([['old', 9_000]]),
      mayDestroy: false,
    };
    assert.deepEqual(plan(ready), ['look-again']);
  });

  it('judges a failed container before it does anything else', () => {
    assert.deepEqual(plan({ containers: [old, fresh], verdicts: new Map([['new', failed]]) }), ['fail new']);
    assert.deepEqual(plan({ ...switched, verdicts: new Map([['new', failed]]) }), ['fail new']);
  });

  it('makes another one where what was made tells nothing any more, and removes that', () => {
    const spent = { ...fresh, state: 'exited' as const, exitCode: 137 };
    const doubtful = { containers: [old, spent], verdicts: new Map([['new', anew]]) };
    assert.deepEqual(plan(doubtful), ['remove new', 'create']);
    const held = { ...doubtful, containers: [{ ...old, state: 'exited' as const }, spent], endpoints: entry([], true) };
    assert.deepEqual(plan({ ...held, strategy: 'stop-first' }), ['remove new', 'create'], 'requests stay held for it');
  });

  it('notes that what it replaces listens before anything waits for that', () => {
    const listens: Verdict = { ...pending, asBefore: 80 };
    const deaf = { containers: [old, fresh], verdicts: new Map([['new', listens]]) };
    assert.deepEqual(plan(deaf), ['listening']);
    const bad = { ...fresh, id: 'bad' };
    const both = new Map<string, Verdict>([
      ['new', listens],
      ['bad', failed],
    ]);
    assert.deepEqual(plan({ containers: [old, fresh, bad], replicas: 2, verdicts: both }), ['fail bad']);
  });

  it('does not count an end of an earlier attempt', () => {
    const ended = { ...fresh, state: 'exited' as const, exitCode: 1 };
    assert.deepEqual(plan({ containers: [old, ended], verdicts: new Map([['new', failed]]), attemptFrom: now }), ['start new']);
  });

  it('makes nothing while an obstacle is in the way', () => assert.deepEqual(plan({ populateFrom: now + 7_000 }), ['look-again']));

  it('makes whole what a crash left frozen or without a network, before anything else', () => {
    assert.deepEqual(plan({ containers: [{ ...old, state: 'paused' }] }), ['reattach old']);
    assert.deepEqual(plan({ containers: [old, { ...fresh, address: null }] }), ['reattach new']);
  });

  it('takes a slot whose name is free', () => {
    const [create] = planRelease({ ...base, replicas: 2, containers: [old, { ...fresh, name: 'web' }] });
    assert.deepEqual(create?.kind === 'create' && create.slot, 1);
  });
});

describe('planRelease, where two releases cannot coexist', () => {
  const first = { strategy: 'stop-first' as const };
  const created = { ...fresh, state: 'created' as const };
  const held = { ...first, endpoints: entry([target('old', { state: 'draining' })], true), drainingSince: now };
  const stopped = { ...old, state: 'exited' as const, exitCode: 0 };
  const story: readonly (readonly [string, Partial<PlanInput>, readonly string[]])[] = [
    ['makes the new container while the old one serves', first, ['create']],
    ['holds requests', { ...first, containers: [old, created] }, ['route']],
    [
      'waits for the last request',
      { ...held, containers: [old, created], proof: { applied: true, openRequests: 1, waitingFor: ['p'] } },
      ['look-again'],
    ],
    ['stops the old one', { ...held, containers: [old, created], proof: drained }, ['stop old']],
    ['keeps it until the new one is fit', { ...held, endpoints: entry([], true), containers: [stopped, created] }, ['start new']],
    [
      'gives the name before the start where ports are published',
      { ...held, endpoints: entry([], true), containers: [stopped, created], namedForLife: true },
      ['alias new', 'start new'],
    ],
    [
      'sends the held requests to the new one',
      { ...held, endpoints: entry([], true), containers: [stopped, named], verdicts: new Map([['new', passed]]) },
      ['route'],
    ],
    [
      'removes the old one',
      { ...first, endpoints: tables.new, containers: [stopped, named], verdicts: new Map([['new', passed]]), switchedAt: now },
      ['remove old'],
    ],
  ];
  for (const [name, changes, steps] of story) it(name, () => assert.deepEqual(plan(changes), steps));

  it('brings the old one back after a failure', () => {
    const restore = { ...first, mode: 'restore' as const, wanted: v1, endpoints: entry([], true), attemptFrom: now };
    assert.deepEqual(plan({ ...restore, containers: [stopped, { ...fresh, state: 'running' }] }), ['stop new', 'remove new', 'look-again']);
    assert.deepEqual(plan({ ...restore, containers: [stopped] }), ['start old']);
    assert.deepEqual(plan({ ...restore, containers: [old], verdicts: new Map([['old', passed]]) }), ['route']);
    assert.deepEqual(plan({ ...restore, endpoints: tables.old, containers: [old], verdicts: new Map([['old', passed]]) }), ['restored']);
    const later = { ...restore, attemptFrom: now - 120_001 };
    assert.deepEqual(plan({ ...later, containers: [stopped] }), ['restored']);
    assert.deepEqual(plan({ ...later, obstructed: true, containers: [stopped] }), ['start old'], 'it had no chance to come back yet');
    assert.deepEqual(plan({ ...later, obstructed: true, containers: [old] }), ['restored']);
  });
});

describe('planRelease, while a release serves', () => {
  const serve = { mode: 'maintain' as const, wanted: v1, verdicts: new Map([['old', passed]]) };
  it('does nothing when all is well', () => assert.deepEqual(plan(serve), []));
  it('takes a dead container out of the table at once, and starts it again', () => {
    const dead = { ...old, state: 'exited' as const, exitCode: 1 };
    assert.deepEqual(plan({ ...serve, containers: [dead] }), ['route']);
    assert.deepEqual(plan({ ...serve, containers: [dead], endpoints: entry([]), verdicts: new Map() }), ['start old']);
    const both = { ...serve, containers: [dead, { ...fresh, state: 'exited' as const }], endpoints: entry([]), verdicts: new Map() };
    assert.deepEqual(plan(both), ['start old', 'remove new'], 'what is down is in nobody’s way');
    assert.deepEqual(plan({ ...serve, containers: [dead], endpoints: entry([]), policy: 'no', verdicts: new Map([['old', passed]]) }), []);
  });
  it('makes a lost one again, if its release can still be made', () => {
    assert.deepEqual(plan({ ...serve, containers: [], endpoints: entry([]) }), ['create']);
    assert.deepEqual(plan({ ...serve, containers: [], endpoints: entry([]), specIsWanted: false }), ['look-again']);
    assert.deepEqual(plan({ ...serve, containers: [], endpoints: null, routing: null, policy: 'no' }), []);
  });
  it('removes what failed, and leaves what serves alone', () => {
    assert.deepEqual(plan({ ...serve, containers: [old, { ...fresh, state: 'exited' }] }), ['remove new']);
  });
  it('leaves another release in place as long as that one carries the traffic', () => {
    const pendingOld = {
      containers: [{ ...old, hasAlias: false, namedOn: [], name: 'web.1.0' }, named],
      endpoints: tables.new,
      verdicts: new Map([['old', pending]]),
    };
    assert.deepEqual(plan({ ...serve, ...pendingOld }), ['look-again']);
  });
  it('moves a changed route at once, and keeps one whose release is not the declared one', () => {
    const routing = { routes: [{ host: 'c.d', path: '/' }], port: 80 };
    assert.deepEqual(plan({ ...serve, routing }), ['route']);
    assert.deepEqual(plan({ ...serve, routing: null, specIsWanted: false }), []);
  });
  it('leaves a foreign container under the name alone', () => {
    assert.deepEqual(plan({ ...serve, containers: [{ ...old, name: 'web.1.0' }], nameIsForeign: true }), []);
  });
});

describe('planRemoval', () => {
  const { service: of, quietForMs, timings, now: at } = base;
  const removal = {
    service: of,
    quietForMs,
    timings,
    now: at,
    mayDestroy: true,
    nameIsForeign: false,
    namedForLife: false,
    obstructed: false,
    containers: [old],
    serving: null,
    stays: false,
    remaining: { routes: [], awaited: false },
    endpoints: tables.old,
    proof: null,
    drainingSince: now,
  };
  const steps = (changes: Partial<Parameters<typeof planRemoval>[0]>) => planRemoval({ ...removal, ...changes }).map(describeStep);

  it('takes the routes away first, and removes only what is drained and quiet', () => {
    const going: EndpointsEntry = { ...entry([target('old', { state: 'draining' })]), routes: [] };
    assert.match(steps({})[0] ?? '', /^route: 0 ready, 1 draining/);
    assert.match(
      steps({ endpoints: going, proof: { applied: false, openRequests: 0, waitingFor: ['p'] } })[0] ?? '',
      /proxies apply the new table \(p\)/,
    );
    assert.match(steps({ endpoints: going, proof: drained })[0] ?? '', /^rename old/);
    assert.deepEqual(
      steps({ endpoints: going, proof: drained, containers: [unnamed], quietForMs: new Map([['old', 5_000]]) }).map(
        (text) => text.split(' ')[0],
      ),
      ['stop', 'remove'],
    );
    assert.deepEqual(steps({ endpoints: { ...going, targets: [] }, containers: [], proof: drained }), ['take the routes away']);
    assert.deepEqual(steps({ endpoints: null, containers: [] }), []);
  });

  it('forgets the empty table when every proxy knows it, or had its time', () => {
    const empty = {
      endpoints: { ...entry([]), routes: [] },
      containers: [],
      proof: { applied: false, openRequests: 0, waitingFor: ['p'] },
    };
    assert.deepEqual(steps(empty), ['proxies apply the empty table (p), looking again in 0.3 s']);
    assert.deepEqual(steps({ ...empty, drainingSince: now - timings.drainMs }), ['take the routes away']);
  });
});
