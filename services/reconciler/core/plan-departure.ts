import type { ObservedContainer } from '../ports.ts';
import { containerName } from './container-name.ts';
import { isProven } from './drain-proof.ts';
import type { PlanState } from './plan-release.ts';
import { isUp, slotOf } from './sort-containers.ts';
import { connectedTooShort, joinSteps, type Step } from './step.ts';

/**
 * How containers leave: requests end (by proof, or when the bound passed), then the service's name is taken from them, then internal
 * callers get time to notice, then SIGTERM, then they are removed. `strays` are those that nobody needs even while the wanted ones
 * are not ready yet.
 */
export function planDeparture(state: PlanState, which: 'all' | 'strays'): Step[] {
  const going = which === 'all' ? state.leaving : state.leaving.filter((container) => isStray(container, state));
  if (going.length === 0) return [];
  const up = going.filter(isUp);
  const down = going.filter((container) => !isUp(container) && container.state !== 'removing');

  const undrained = proofMissing(up, state);
  if (undrained) return undrained.kind === 'look-again' ? joinSteps(removing(down, state), [undrained]) : [undrained];
  const unnaming = up.flatMap((container) => unnamingSteps(container, state));
  if (unnaming.length > 0) return unnaming;
  if (which === 'all' && state.mode === 'rollout' && !state.settling && up.length > 0) {
    return [{ kind: 'settle' }];
  }
  return joinSteps(removing(down, state), stopping(up, state));
}

/** Nobody needs it: it carries no traffic, and it is not what a failing rollout falls back to. */
function isStray(container: ObservedContainer, { carrying, endpoints, mode, serving, strategy }: PlanState): boolean {
  const isRouted = endpoints?.targets.some(({ id }) => id === container.id) ?? false;
  // That it has the name of the service keeps nothing in the way of what comes back.
  if (mode === 'restore' && !isRouted) return true;
  if (carrying.includes(container)) return false;
  if (mode === 'restore') return true;
  if (mode === 'rollout' && container.kedge?.release === serving) return false;
  return mode !== 'rollout' || strategy === 'start-first' || container.state !== 'running';
}

function proofMissing(up: readonly ObservedContainer[], state: PlanState): Step | null {
  const { endpoints, proof, drainingSince, now, timings, mode } = state;
  const draining = up.filter(({ id }) => endpoints?.targets.some((target) => target.id === id));
  if (draining.length === 0 || !proof || isProven(proof) || mode === 'restore') return null;
  if (drainingSince !== null && now >= drainingSince + timings.drainMs) return goOnUnproven(state);
  const reason = proof.applied
    ? `requests that end on the old containers: ${proof.openRequests}`
    : `proxies apply the new table (${proof.waitingFor.join(', ')})`;
  return { kind: 'look-again', afterMs: 250, reason };
}

/** The bound passed: in a rollout that is noted before anybody loses requests; null when nothing has to be. */
export function goOnUnproven({ mode, proof, unproven }: PlanState): Step | null {
  if (mode !== 'rollout' || unproven || !proof || isProven(proof)) return null;
  return { kind: 'unproven', openRequests: proof.openRequests, waitingFor: proof.waitingFor };
}

/**
 * Docker answers for a container's name as well as for its aliases, so both must go; the name first, because it costs no connection. While a
 * container gets another name, its aliases are not found for a moment either: its heir is named before the last other one is nameless.
 */
function unnamingSteps(container: ObservedContainer, { service, keep, namedForLife }: PlanState): Step[] {
  const address = container.address ?? container.kedge?.address ?? null;
  const steps: Step[] = [];
  if (container.name === service && container.kedge) {
    steps.push({
      kind: 'rename',
      id: container.id,
      name: containerName({ service, release: container.kedge.release, slot: slotOf(container) }),
    });
    const heir = keep.filter((each) => isUp(each) && each.hasAlias).toSorted((one, other) => slotOf(one) - slotOf(other))[0];
    if (heir) steps.push({ kind: 'rename', id: heir.id, name: service });
  }
  if (container.namedOn.length > 0 && address !== null && !namedForLife) steps.push({ kind: 'drop-alias', id: container.id, address });
  return steps;
}

function stopping(up: readonly ObservedContainer[], { quietForMs, timings, mayDestroy, mode, namedForLife }: PlanState): Step[] {
  if (up.length === 0) return [];
  if (!mayDestroy) return [connectedTooShort];
  const quietFor = Math.min(...up.map(({ id }) => quietForMs.get(id) ?? 0));
  if (mode !== 'restore' && !namedForLife && quietFor < timings.settleMs) {
    return [{ kind: 'look-again', afterMs: timings.settleMs - quietFor, reason: 'internal callers learn that the name moved' }];
  }
  return [
    ...up.map(({ id }): Step => ({ kind: 'stop', id, reason: 'its release left service' })),
    ...up.map(
      (container): Step => ({ kind: 'remove', id: container.id, address: addressOf(container), reason: 'its release left service' }),
    ),
  ];
}

function removing(down: readonly ObservedContainer[], { mayDestroy }: PlanState): Step[] {
  if (down.length === 0) return [];
  if (!mayDestroy) return [connectedTooShort];
  return down.flatMap((container): Step[] => {
    const remove: Step = { kind: 'remove', id: container.id, address: addressOf(container), reason: 'it is not needed any more' };
    const ended = container.state === 'exited' || container.state === 'created' || container.state === 'dead';
    return ended ? [remove] : [{ kind: 'stop', id: container.id, reason: 'it is not needed any more' }, remove];
  });
}

function addressOf(container: ObservedContainer): string | null {
  return container.kedge?.address ?? container.address;
}
