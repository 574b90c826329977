import type { ReleaseRecord } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { isUp } from './sort-containers.ts';

interface Restoring {
  readonly record: Pick<ReleaseRecord, 'rollout' | 'serving'> | null | undefined;
  readonly containers: readonly ObservedContainer[];
}

/**
 * The rollout under way stopped what serves: before it started anything, or once it had switched. That has to come back when the rollout
 * cannot go on. What had ended by itself before was not stopped, and is not run again.
 */
export function mustRestore({ record, containers }: Restoring): boolean {
  const { rollout, serving } = record ?? {};
  if (!serving || !rollout) return false;
  const own = containers.filter(({ kedge }) => kedge?.release === serving.release);
  const endedSince = (at: string) =>
    own.some(({ state, finishedAt }) => state === 'exited' && finishedAt !== null && finishedAt.getTime() >= Date.parse(at));
  if (rollout.stopsSince !== undefined)
    return own.length === 0 || own.some((each) => isUp(each) || each.finishedAt === null) || endedSince(rollout.stopsSince);
  // What is up, or gone, is kept or made like any other.
  return rollout.switchedAt !== undefined && !own.some(isUp) && endedSince(rollout.switchedAt);
}
