import type { ReleaseName } from '@kedge/shared/contracts';
import { type PlanInput, planRelease } from './plan-release.ts';
import type { Step } from './step.ts';

type RemovalInput = Pick<
  PlanInput,
  'service' | 'containers' | 'endpoints' | 'proof' | 'quietForMs' | 'drainingSince' | 'timings' | 'mayDestroy' | 'nameIsForeign' | 'now'
>;

/** No release has this name: whatever runs is too many. */
const noRelease = 'v1:none' as ReleaseName;

/**
 * The next steps until nothing of a service is left that is declared no more: its requests end, then its containers. Routes go first,
 * and their entry last, when every proxy has let go.
 */
export function planRemoval(input: RemovalInput): Step[] {
  return planRelease({
    ...input,
    wanted: noRelease,
    mode: 'maintain',
    strategy: 'start-first',
    policy: 'no',
    replicas: 0,
    serving: null,
    routing: null,
    specIsWanted: true,
    imagePresent: true,
    obstructed: false,
    namesBeforeStart: false,
    verdicts: new Map(),
    attemptFrom: 0,
    populateFrom: 0,
    switchedAt: null,
    unproven: false,
    settling: false,
  });
}
