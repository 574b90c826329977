import type { ObservedContainer } from '../ports.ts';
import type { PlanState } from './plan-release.ts';
import type { Step } from './step.ts';

/**
 * A container gets or loses the service's name by being attached anew, frozen meanwhile; whoever dies in between leaves it frozen or
 * without a network. It is made whole before anything else is decided, because until then it looks as if it did not run.
 */
export function planHealing(state: PlanState): Step[] {
  return state.containers.flatMap((container) => healing(container, state));
}

function healing(container: ObservedContainer, { service, endpoints }: PlanState): Step[] {
  const { id, name, state, hasAlias } = container;
  const address = container.kedge?.address ?? container.address;
  const isFrozen = state === 'paused';
  const isCut = state === 'running' && container.address === null;
  if ((!isFrozen && !isCut) || address === null) return [];
  const hadAlias =
    hasAlias || name === service || (endpoints?.targets.some((target) => target.id === id && target.state === 'ready') ?? false);
  return [{ kind: 'reattach', id, address, alias: hadAlias, reason: isFrozen ? 'it was frozen, and runs on' : 'it had lost its network' }];
}
