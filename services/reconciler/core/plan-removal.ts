import type { ReleaseName } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { type PlanInput, planRelease } from './plan-release.ts';
import { joinSteps, type RouteTable, type Step } from './step.ts';

type LeavingInput = Pick<
  PlanInput,
  | 'service'
  | 'containers'
  | 'endpoints'
  | 'proof'
  | 'quietForMs'
  | 'drainingSince'
  | 'timings'
  | 'mayDestroy'
  | 'nameIsForeign'
  | 'namedForLife'
  | 'now'
>;

interface RemovalInput extends LeavingInput {
  /** What stays in the table of the proxies when nothing of the service is left. */
  readonly remaining: RemainingRoutes;
  /** The release in service, as far as it is remembered. */
  readonly serving: ReleaseName | null;
  /** What serves stays for now: the one that takes its place does not serve yet. */
  readonly stays: boolean;
}

/** Routes that outlast what served them. */
export interface RemainingRoutes {
  readonly routes: RouteTable['routes'];
  /** Another service takes them over, which can only start when this one is gone: requests wait for it. Otherwise they are refused. */
  readonly awaited: boolean;
}

/** No release has this name: whatever runs is too many. */
const noRelease = 'v1:none' as ReleaseName;

/**
 * The next steps until nothing of a service is left that is declared no more: its requests end, then its containers. Routes go first,
 * and their entry last, when every proxy has let go, but for those that remain. What never served, because the rollout that made it was interrupted, waits for none of
 * that: it goes at once, also while the others stay.
 */
export function planRemoval({ serving, stays, remaining, ...input }: RemovalInput): Step[] {
  const unserved = input.containers.filter((container) => neverServed(container, { ...input, serving }));
  const served = input.containers.filter((container) => !unserved.includes(container));
  const unservedSteps = planLeaving({ ...input, containers: unserved, endpoints: null, proof: null }, { routes: [], awaited: false });
  // A stop may last as long as its grace period: whoever asks proxies to let go does not wait for that.
  return stays ? unservedSteps : joinSteps(planLeaving({ ...input, containers: served }, remaining), unservedSteps);
}

/** Neither proxies nor the record know its release: nobody was ever sent there. */
function neverServed({ id, kedge }: ObservedContainer, { serving, endpoints }: Pick<RemovalInput, 'serving' | 'endpoints'>): boolean {
  return kedge?.release !== serving && !endpoints?.targets.some((target) => target.id === id || target.release === kedge?.release);
}

function planLeaving(input: LeavingInput, { routes, awaited }: RemainingRoutes): Step[] {
  // Nobody of this service serves them: no request ever goes to a port of it.
  const port = input.endpoints?.targets[0]?.port ?? 0;
  return planRelease({
    ...input,
    wanted: noRelease,
    mode: 'maintain',
    strategy: 'start-first',
    policy: 'no',
    replicas: 0,
    comingUp: null,
    serving: null,
    routing: routes.length > 0 ? { port, routes } : null,
    awaitsHeir: awaited,
    taken: [],
    published: [],
    specIsWanted: true,
    imagePresent: true,
    obstructed: false,
    stuck: false,
    verdicts: new Map(),
    attemptFrom: 0,
    populateFrom: 0,
    switchedAt: null,
    unproven: false,
    settling: false,
  });
}
