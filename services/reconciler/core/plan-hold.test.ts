import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { EndpointsEntry } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { container, service, target } from '../testing/observed.ts';
import { planState } from '../testing/plan-state.ts';
import type { Verdict } from './gates.ts';
import { holdsWhileRestoring } from './plan-hold.ts';
import type { PlanState } from './plan-release.ts';

const routes = [{ host: 'a.b', path: '/' }];
const pending: Verdict = { kind: 'pending', reason: 'not yet', lookAfterMs: 100 };
const passed: Verdict = { kind: 'passed', reason: 'it ended with code 0' };
const failed: Verdict = { kind: 'failed', verdict: 'gate-failed', message: 'it never answered' };
const ended = container({ state: 'exited', exitCode: 137 });
const at = (time: string) => new Date(`2026-01-01T${time}Z`);

function entry(changes: Partial<EndpointsEntry> = {}): EndpointsEntry {
  return { node: 'local' as EndpointsEntry['node'], service, routes, targets: [target('c1')], ...changes };
}

function state(keep: readonly ObservedContainer[], verdict: Verdict, changes: Partial<PlanState> = {}): PlanState {
  return planState({
    routing: { routes, port: 80 },
    endpoints: entry(),
    verdicts: new Map(keep.map(({ id }) => [id, verdict])),
    timings: { drainMs: 1, settleMs: 1, graceMs: 1 },
    now: 0,
    keep,
    ...changes,
  });
}

describe('requests for a service without a target', () => {
  const livedUntil = (finishedAt: Date) => container({ state: 'restarting', restartCount: 1, startedAt: at('00:00:00'), finishedAt });
  const shortLived = livedUntil(at('00:00:02'));
  const longLived = livedUntil(at('08:00:00'));

  for (const [why, given] of Object.entries({
    'its container ended, and is started again': state([ended], pending),
    'its container is gone, and is made again': state([], pending),
    'the engine restarts it': state([longLived], pending),
    'it runs again and is not ready yet': state([container()], pending, { endpoints: entry({ targets: [], hold: true }) }),
    'it is ready again and gets its name now': state([container({ hasAlias: false })], passed),
  })) {
    it(`are held while ${why}`, () => assert.equal(holdsWhileRestoring(given), true));
  }

  for (const [why, given] of Object.entries({
    'an obstacle is in the way': state([], pending, { obstructed: true }),
    'nothing ever served': state([], pending, { serving: null }),
    'it has no table': state([], pending, { endpoints: null }),
    'it crashed right after its last crash': state([shortLived], pending),
    'it runs between two crashes': state([container({ restartCount: 3 })], pending, { endpoints: entry({ targets: [] }) }),
    'it does not pass its gate any more': state([container()], failed),
    'it was meant to end': state([ended], passed, { policy: 'no' }),
    'its release cannot be made any more': state([], pending, { specIsWanted: false }),
    'no container is wanted': state([], pending, { replicas: 0 }),
  })) {
    it(`are answered at once when ${why}`, () => assert.equal(holdsWhileRestoring(given), false));
  }
});
