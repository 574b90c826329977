import type { Target } from '@kedge/shared/contracts';

/** Round robin: the target at `turn`, or the next one after it that was not tried yet. Null when there is none. */
export function chooseTarget(ready: readonly Target[], turn: number, tried: ReadonlySet<string> | null): Target | null {
  for (let step = 0; step < ready.length; step += 1) {
    const target = ready[(turn + step) % ready.length];
    if (target && !tried?.has(target.id)) return target;
  }
  return null;
}
