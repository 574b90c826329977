import type { ObservedContainer } from '../ports.ts';
import type { PlanState } from './plan-release.ts';
import type { Step } from './step.ts';

/**
 * A container gets or loses the service's name by being attached anew, frozen meanwhile; whoever dies in between leaves it frozen or
 * without a network. It is made whole before anything else is decided, because until then it looks as if it did not run.
 */
export function planHealing(state: Healing): HealingStep[] {
  return state.containers.flatMap((container) => healing(container, state));
}

type Healing = Pick<PlanState, 'service' | 'containers' | 'endpoints' | 'keep'>;
type HealingStep = Extract<Step, { kind: 'reattach' }>;

function healing(container: ObservedContainer, { service, endpoints, keep }: Healing): HealingStep[] {
  const { id, name, state, namedOn, cutFrom } = container;
  const address = container.kedge?.address ?? container.address;
  const isFrozen = state === 'paused';
  // What leaves does not need its other networks back.
  const isCut = state === 'running' && (container.address === null || (cutFrom.length > 0 && keep.includes(container)));
  if ((!isFrozen && !isCut) || address === null) return [];
  const hadAlias =
    namedOn.length > 0 || name === service || (endpoints?.targets.some((target) => target.id === id && target.state === 'ready') ?? false);
  const reason = isFrozen
    ? 'it is frozen, as for the moment in which its name changes, and runs on'
    : `it had lost its network${container.address === null ? '' : ` ${cutFrom.join(', ')}`}`;
  return [{ kind: 'reattach', id, address, alias: hadAlias, reason }];
}
