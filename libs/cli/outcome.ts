import { type ExitCode, exitCodes } from './exit-codes.ts';

/** How a command ended that changes services; `going`: nobody waited for the end, `refused`: nothing was changed. */
export type Outcome = 'done' | 'going' | 'failed' | 'timeout' | 'interrupted' | 'refused';

/** What the process ends with. */
export function exitCodeOfOutcome(outcome: Outcome): ExitCode {
  if (outcome === 'interrupted') return exitCodes.interrupted;
  return isWell(outcome) ? exitCodes.fine : exitCodes.failed;
}

/** Nothing is wrong, as far as anybody waited. */
export function isWell(outcome: Outcome): boolean {
  return outcome === 'done' || outcome === 'going';
}
