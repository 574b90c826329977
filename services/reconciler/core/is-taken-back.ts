import type { BarRecord, ReleaseRecord } from '@kedge/shared/contracts';
import { restoringStep } from './decide-rollout.ts';

type Known = Pick<ReleaseRecord, 'rollout' | 'waiting' | 'leavingSince'>;

/**
 * A release is being taken back that stopped what serves, and no obstacle was noted before: that is brought to its end, also when the service is
 * declared no more by now. Whoever takes its place may have the same image, or none.
 */
export function isTakenBack(
  { rollout, waiting, leavingSince }: Known,
  bars: readonly Pick<BarRecord['bars'][number], 'rollout'>[],
): boolean {
  if (!rollout?.stopsSince || waiting !== undefined || leavingSince !== undefined) return false;
  return rollout.step === restoringStep || bars.some((bar) => bar.rollout === rollout.id);
}
