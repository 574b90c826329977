import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DependencyCondition } from '@kedge/shared/contracts';
import { container, declared, releaseOf, rolloutTo } from '../testing/observed.ts';
import { comesBack, type Dependency, unmetDependency } from './dependencies.ts';

const states = {
  running: container(),
  starting: container({ health: 'starting' }),
  healthy: container({ health: 'healthy' }),
  unhealthy: container({ health: 'unhealthy' }),
  completed: container({ state: 'exited', exitCode: 0 }),
  failed: container({ state: 'exited', exitCode: 1 }),
  created: container({ state: 'created', exitCode: 0, startedAt: null }),
  restarting: container({ state: 'restarting' }),
};
type State = keyof typeof states;

const met: Record<DependencyCondition, readonly State[]> = {
  started: ['running', 'starting', 'healthy', 'unhealthy'],
  completed: ['completed'],
  healthy: ['running', 'healthy'],
};

function ask(state: State | null, changes: Partial<Dependency> = {}): string | null {
  const dependency = {
    service: 'db',
    condition: 'started',
    containers: state === null ? [] : [states[state]],
    policy: 'no',
    record: null,
    declared: null,
  } as const;
  const unmet = unmetDependency([{ ...dependency, ...changes }]);
  return unmet && `${unmet.code}: ${unmet.message}`;
}

describe('a dependency', () => {
  for (const [condition, good] of Object.entries(met) as [DependencyCondition, readonly State[]][]) {
    for (const state of Object.keys(states) as State[]) {
      const isGood = good.includes(state);
      it(`on "${condition}" is ${isGood ? '' : 'not '}met by a container that is ${state}`, () => {
        assert.equal(ask(state, { condition, policy: 'always' }) === null, isGood);
      });
    }
  }

  const table: readonly (readonly [string, string | null, string])[] = [
    ['has no container yet', ask(null), 'DEPENDENCY_PENDING: it waits for db (started)'],
    ['is not declared', ask(null, { policy: null }), 'DEPENDENCY_PENDING: it waits for db (started), which is not declared'],
    [
      'is not healthy yet',
      ask('starting', { condition: 'healthy' }),
      'DEPENDENCY_PENDING: it waits for db (healthy), which is not healthy yet',
    ],
    ['is unhealthy', ask('unhealthy', { condition: 'healthy' }), 'DEPENDENCY_PENDING: it waits for db (healthy), which is unhealthy'],
    [
      'failed for good',
      ask('failed', { condition: 'completed' }),
      'DEPENDENCY_FAILED: it waits for db (completed), which ended with code 1',
    ],
    ['failed and is started again', ask('failed', { policy: 'always' }), 'DEPENDENCY_PENDING: it waits for db (started)'],
    [
      'has ended and shall run',
      ask('completed'),
      'DEPENDENCY_FAILED: it waits for db (started), which has ended, and is not started again (its restart policy)',
    ],
  ];
  for (const [what, said, expected] of table) it(`that ${what} is told so`, () => assert.equal(said, expected));

  it('that could not start, or waits itself, is told with its reason', () => {
    const at = '2026-01-01T00:00:00Z';
    const times = { startedAt: at, finishedAt: at };
    const { id: rollout, release } = rolloutTo('v1');
    const failed = { serving: null, last: { rollout, release, outcome: 'failed' as const, reason: 'it crashed', ...times } };
    assert.equal(ask('created', { record: failed }), 'DEPENDENCY_FAILED: it waits for db (started), which could not start: it crashed');
    const waiting = { code: 'REGISTRY_DENIED', message: 'log in first', since: at, retryAt: at, failures: 1 };
    assert.match(ask('created', { record: { serving: null, waiting } }) ?? '', /waits itself: log in first/);
  });

  const newest = { condition: 'completed', declared: { release: releaseOf('v2'), barred: null } } as const;
  const rollout = { ...rolloutTo('v2'), startedAt: '2026-01-01T00:00:01Z' };
  const done = (version: string, startedAt = new Date('2026-01-01T00:00:00Z')) => [
    container({ state: 'exited', exitCode: 0, startedAt, kedge: { release: releaseOf(version) } }),
  ];
  const times = { startedAt: rollout.startedAt, finishedAt: rollout.startedAt };
  const failedBefore = { rollout: rollout.id, release: releaseOf('v1'), outcome: 'failed' as const, reason: 'it crashed', ...times };
  const completions: readonly (readonly [string, string | null, string | null])[] = [
    ['completed in its declared release is met', ask(null, { ...newest, containers: done('v2') }), null],
    [
      'completed in an older one is not',
      ask(null, { ...newest, containers: done('v1') }),
      'DEPENDENCY_PENDING: it waits for db (completed)',
    ],
    [
      'failed before something else was declared is not there yet',
      ask(null, { ...newest, record: { serving: null, last: failedBefore } }),
      'DEPENDENCY_PENDING: it waits for db (completed)',
    ],
    [
      'runs once more is waited for',
      ask(null, { ...newest, containers: done('v2'), record: { serving: null, rollout } }),
      'DEPENDENCY_PENDING: it waits for db (completed), which is on the way to its newest release',
    ],
    [
      'has run once more is met',
      ask(null, { ...newest, containers: done('v2', new Date('2026-01-01T00:00:02Z')), record: { serving: null, rollout } }),
      null,
    ],
    [
      'is barred in its declared release has failed, though an older one completed',
      ask(null, { ...newest, containers: done('v1'), declared: { release: releaseOf('v2'), barred: 'it ended with code 9' } }),
      'DEPENDENCY_FAILED: it waits for db (completed), which is barred in its newest release: it ended with code 9',
    ],
  ];
  for (const [what, said, expected] of completions) it(`that ${what}`, () => assert.equal(said, expected));

  it('that failed is told before others that are only not there yet', () => {
    const one: Dependency = { service: 'cache', condition: 'started', containers: [], policy: 'always', record: null, declared: null };
    const other: Dependency = {
      service: 'seed',
      condition: 'completed',
      containers: [states.failed],
      policy: 'no',
      record: null,
      declared: null,
    };
    assert.match(unmetDependency([one, other])?.message ?? '', /seed/);
    assert.match(unmetDependency([one])?.message ?? '', /cache/);
    assert.equal(unmetDependency([]), null);
  });
});

describe('what serves and is not there', () => {
  const { release, image, digest, source, id } = rolloutTo('v1');
  const servingAs = (restart: 'always' | 'on-failure' | 'no') => ({
    serving: { release, image, digest, source, rollout: id, since: '2026-01-01T00:00:00.000Z', spec: declared({ service: { restart } }) },
  });
  const other = container({ id: 'c2', kedge: { release: releaseOf('v2') } });
  for (const [what, containers, restart, comes] of [
    ['crashed, and is started again', [states.failed], 'on-failure', true],
    ['is being started again', [states.restarting], 'no', true],
    ['ended well, and is always started again', [states.completed], 'always', true],
    ['is gone, and is made anew', [], 'always', true],
    ['is gone, and ran once', [], 'no', false],
    ['ended for good', [states.completed], 'on-failure', false],
    ['is dead for good', [container({ state: 'dead', exitCode: 0 })], 'no', false],
    ['failed for good', [states.failed], 'no', false],
    ['ended for good, while something else of it is being made', [states.failed, other], 'no', false],
    ['has one that ended for good, and one that runs', [states.failed, states.running], 'no', true],
  ] as const) {
    it(`${comes ? 'comes back' : 'does not come back'} where it ${what}`, () =>
      assert.equal(comesBack({ containers, record: servingAs(restart) }), comes));
  }
  it('does not come back where it ended, and nobody knows how it was declared', () => {
    const { spec: _spec, ...serving } = servingAs('always').serving;
    assert.equal(comesBack({ containers: [states.completed], record: { serving } }), false);
  });
  it('does not come back where nothing served', () =>
    assert.equal(comesBack({ containers: [states.running], record: { serving: null } }), false));
});
