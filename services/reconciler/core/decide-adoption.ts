import type { ReleaseRecord } from '@kedge/shared/contracts';

/**
 * What becomes of containers that a service was allowed to take the place of: they go when it serves, and those that ran come back when its
 * own could not start. Until one of the two is known they stay as they are.
 */
export function decideAdoption({ serving, rollout, waiting, last }: ReleaseRecord): 'remove' | 'bring-back' | 'wait' {
  if (serving && !rollout) return 'remove';
  if (waiting?.code === 'START_FAILED' || (!rollout && last?.outcome === 'failed')) return 'bring-back';
  return 'wait';
}
