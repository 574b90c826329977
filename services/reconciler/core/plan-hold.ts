import type { ObservedContainer } from '../ports.ts';
import { canCreate } from './plan-arrival.ts';
import type { PlanState } from './plan-release.ts';
import { isUp } from './sort-containers.ts';

/** An engine that restarts a container this soon after its start will have to do it again. */
const shortLifeMs = 10_000;

/**
 * True while a service that served until now has nobody who answers, and somebody is on the way: the proxies hold requests meanwhile. It
 * ends with an obstacle, with a crash that follows the last one at once, or when nobody comes any more; then waiting would be in vain.
 */
export function holdsWhileRestoring(state: PlanState): boolean {
  const { endpoints, serving, obstructed, keep, verdicts } = state;
  if (!endpoints || serving === null || obstructed || keep.some(isCrashLooping)) return false;
  const servedUntilNow = (endpoints.hold ?? false) || endpoints.targets.some((target) => target.state === 'ready');
  const isComing = (container: ObservedContainer) => {
    const verdict = verdicts.get(container.id)?.kind;
    return verdict === 'pending' || (verdict === 'passed' && isUp(container) && !container.hasAlias);
  };
  return servedUntilNow && (canCreate(state) || keep.some(isComing));
}

function isCrashLooping({ state, restartCount, startedAt, finishedAt }: ObservedContainer): boolean {
  if (state === 'running' || restartCount === 0 || !startedAt || !finishedAt) return false;
  return finishedAt.getTime() - startedAt.getTime() < shortLifeMs;
}
