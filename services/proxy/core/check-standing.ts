import type { Balancing } from '@kedge/shared/contracts';

/** What checks of a target found so far. */
export interface CheckStanding {
  readonly isWell: boolean;
  /** Of the last kind of outcome, in a row. */
  readonly streak: number;
  readonly last: boolean;
}

/** Who is ready passed the gates of a rollout: it counts as well until it is found otherwise. */
export const unchecked: CheckStanding = { isWell: true, streak: 0, last: true };

interface Found {
  readonly isWell: boolean;
  readonly check: Pick<NonNullable<Balancing['check']>, 'failures' | 'successes'>;
}

/** After one more check: it takes several of a kind in a row to change what is thought of a target. */
export function afterCheck(before: CheckStanding, { isWell, check }: Found): CheckStanding {
  const streak = isWell === before.last ? before.streak + 1 : 1;
  const isEnough = streak >= (isWell ? check.successes : check.failures);
  return { isWell: isEnough ? isWell : before.isWell, streak, last: isWell };
}
