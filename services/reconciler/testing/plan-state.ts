import type { PlanState } from '../core/plan-release.ts';
import { releaseOf, service } from './observed.ts';

/** A service that v1 serves with one container, while nothing is there yet; what a test is about is changed in it. */
export function planState(changes: Partial<PlanState> = {}): PlanState {
  return {
    service,
    wanted: releaseOf('v1'),
    mode: 'maintain',
    strategy: 'start-first',
    policy: 'always',
    replicas: 1,
    comingUp: null,
    serving: releaseOf('v1'),
    routing: null,
    specIsWanted: true,
    imagePresent: true,
    namesBeforeStart: false,
    nameIsForeign: false,
    obstructed: false,
    awaitsHeir: false,
    stuck: false,
    containers: changes.keep ?? [],
    endpoints: null,
    proof: null,
    verdicts: new Map(),
    attemptFrom: 0,
    populateFrom: 0,
    switchedAt: null,
    drainingSince: null,
    unproven: false,
    settling: false,
    quietForMs: new Map(),
    timings: { drainMs: 30_000, settleMs: 5_000, graceMs: 10_000 },
    mayDestroy: true,
    now: Date.parse('2026-01-01T01:00:00Z'),
    keep: [],
    leaving: [],
    passed: [],
    carrying: [],
    complete: false,
    ...changes,
  };
}
