import type { Target } from '@kedge/shared/contracts';

interface Choice {
  /** Whose turn it is, counted on with each request. */
  readonly turn: number;
  /** Targets that this request could not reach. */
  readonly tried: ReadonlySet<string> | null;
  /** Others could not reach it a moment ago; it is taken only where nobody else is left. */
  readonly isAvoided: (target: string) => boolean;
}

/** Round robin: the target at `turn`; in the place of one that was tried or is avoided, the others take turns. Null when there is none. */
export function chooseTarget(ready: readonly Target[], { turn, tried, isAvoided }: Choice): Target | null {
  const mayServe = ({ id }: Target) => tried?.has(id) !== true;
  const next = ready[turn % ready.length];
  if (next && mayServe(next) && !isAvoided(next.id)) return next;
  const left = ready.filter(mayServe);
  const good = left.filter(({ id }) => !isAvoided(id));
  const among = good.length > 0 ? good : left;
  return among[Math.floor(turn / ready.length) % among.length] ?? null;
}
