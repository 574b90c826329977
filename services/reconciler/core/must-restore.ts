import type { ReleaseRecord } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { isUp } from './sort-containers.ts';

interface Restoring {
  readonly record: Pick<ReleaseRecord, 'rollout' | 'serving'> | null | undefined;
  readonly containers: readonly ObservedContainer[];
}

/**
 * The rollout under way stopped what serves before it started anything, so that has to come back when the rollout cannot go on. What had
 * ended by itself before was not stopped, and is not run again.
 */
export function mustRestore({ record, containers }: Restoring): boolean {
  const { rollout, serving } = record ?? {};
  if (!serving || rollout?.stopsSince === undefined) return false;
  const own = containers.filter(({ kedge }) => kedge?.release === serving.release);
  const since = Date.parse(rollout.stopsSince);
  return own.length === 0 || own.some((each) => isUp(each) || each.finishedAt === null || each.finishedAt.getTime() >= since);
}
