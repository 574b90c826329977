import type { PlanReply } from '@kedge/shared/contracts';
import { plannedLine } from './obstacle-words.ts';

/**
 * What goes on with a service that is to change. Where no other release is wanted, the reason of a plan says why it stays: that is no
 * progress to whoever waits, and what is done is told instead.
 */
export function plannedProgress(planned: PlanReply['changes'][number]): string {
  const { action, steps, waits = [], problem } = planned;
  const isUpkeep = action === 'repair' || action === 'restart';
  if (!isUpkeep || problem) return plannedLine(planned);
  const doing = steps.length > 0 ? steps : waits.map(withoutTime);
  return doing.length > 0 ? doing.join(', ') : plannedLine(planned);
}

/** When it is looked at again is another time at each look. */
function withoutTime(wait: string): string {
  return wait.replace(/, looking again in [\d.]+ s$/, '');
}
