import type { Target } from '@kedge/shared/contracts';

interface Choice {
  /** Whose turn it is, counted on with each request. */
  readonly turn: number;
  /** Targets that this request could not reach. */
  readonly tried: ReadonlySet<string> | null;
  /** Others could not reach it a moment ago; it is taken only where nobody else is left. */
  readonly isAvoided: (target: string) => boolean;
}

/** Round robin: the target at `turn`, or the next one after it that was not tried yet. Null when there is none. */
export function chooseTarget(ready: readonly Target[], { turn, tried, isAvoided }: Choice): Target | null {
  let last: Target | null = null;
  for (let step = 0; step < ready.length; step += 1) {
    const target = ready[(turn + step) % ready.length];
    if (!target || tried?.has(target.id)) continue;
    if (!isAvoided(target.id)) return target;
    last ??= target;
  }
  return last;
}
