import type { PlanState } from './plan-release.ts';
import { slotOf } from './sort-containers.ts';
import type { Step } from './step.ts';

/** One container carries the service's name, as people and other tools expect; of a foreign one we keep our hands off. */
export function planNaming({ service, keep, containers, nameIsForeign }: PlanState): Step[] {
  if (nameIsForeign || containers.some(({ name }) => name === service)) return [];
  const first = keep.toSorted((one, other) => slotOf(one) - slotOf(other))[0];
  return first ? [{ kind: 'rename', id: first.id, name: service }] : [];
}
