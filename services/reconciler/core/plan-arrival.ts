import type { ObservedContainer } from '../ports.ts';
import { containerName } from './container-name.ts';
import { isProven } from './drain-proof.ts';
import { decideEnded } from './ended-policy.ts';
import { goOnUnproven } from './plan-departure.ts';
import type { PlanState } from './plan-release.ts';
import { isUp } from './sort-containers.ts';
import { connectedTooShort, type Step } from './step.ts';

/** What is missing until the wanted containers are there and fit: made, started, asked, and given the service's name. */
export function planArrival(state: PlanState): Step[] {
  const { keep, replicas, populateFrom, now } = state;
  const missing = keep.length < replicas ? creating(state) : [];
  const starting = missing.length > 0 ? [] : startingSteps(state);
  const steps = [...missing, ...starting];
  if (steps.some((step) => step.kind !== 'look-again') && now < populateFrom) {
    return [{ kind: 'look-again', afterMs: populateFrom - now, reason: 'an obstacle is in the way' }];
  }
  if (steps.length > 0) return steps;

  const naming = state.passed.filter((container) => isUp(container) && !container.hasAlias).map(({ id }): Step => ({ kind: 'alias', id }));
  return naming.length > 0 ? naming : waiting(state);
}

/** Containers are missing, and can be made. */
export function canCreate(state: PlanState): boolean {
  return state.keep.length < state.replicas && creating(state).length > 0;
}

function creating(state: PlanState): Step[] {
  const { service, wanted, keep, replicas, containers, imagePresent, specIsWanted } = state;
  // Another spec is declared by now: this release cannot be made again.
  if (!specIsWanted) return [];
  // Something that runs once per release is not run again because its ended container was tidied away.
  if (state.mode === 'maintain' && state.policy === 'no' && state.routing === null && state.comingUp === null) return [];
  const names = new Set(containers.map(({ name }) => name));
  const slots = new Set(keep.map(({ kedge }) => kedge?.slot));
  const steps: Step[] = imagePresent ? [] : [{ kind: 'pull' }];
  for (let slot = 0, made = keep.length; made < replicas; slot += 1) {
    const name = containerName({ service, release: wanted, slot });
    if (names.has(name) || slots.has(slot)) continue;
    steps.push({ kind: 'create', slot, name });
    made += 1;
  }
  return steps;
}

function startingSteps(state: PlanState): Step[] {
  const due = state.keep.filter((container) => mustStart(container, state));
  if (due.length === 0) return [];
  const before = state.strategy === 'stop-first' ? makingRoom(state) : [];
  if (before.length > 0) return before;
  return due.flatMap(({ id, hasAlias }): Step[] => {
    const start: Step = { kind: 'start', id };
    return state.namedForLife && !hasAlias ? [{ kind: 'alias', id }, start] : [start];
  });
}

function mustStart(container: ObservedContainer, { mode, policy, attemptFrom, comingUp, verdicts }: PlanState): boolean {
  if (container.state === 'created') return true;
  if (container.state !== 'exited') return false;
  const startedAt = container.startedAt?.getTime() ?? 0;
  const isEarlier = startedAt < attemptFrom;
  // It was stopped, and was to be removed: that it ended is no end of its own.
  if (mode === 'maintain') return startedAt < (comingUp ?? 0) || decideEnded(policy, container.exitCode).again;
  const verdict = verdicts.get(container.id);
  return isEarlier || (verdict?.kind === 'pending' && verdict.startAgain === true);
}

/** Where two releases cannot coexist, the other one stops first; its containers stay until the new ones are fit. */
function makingRoom(state: PlanState): Step[] {
  const { leaving, proof, drainingSince, mayDestroy, mode, now, timings } = state;
  const running = leaving.filter(({ state }) => state === 'running' || state === 'restarting' || state === 'paused');
  if (running.length === 0) return [];
  // What failed leaves altogether, and that is planned elsewhere.
  if (mode === 'restore') return [{ kind: 'look-again', afterMs: 250, reason: 'the failed release leaves first' }];
  if (!mayDestroy) return [connectedTooShort];
  const isOver = mode !== 'rollout' || drainingSince === null || now >= drainingSince + timings.drainMs;
  if (!isProven(proof) && !isOver) {
    return [{ kind: 'look-again', afterMs: 250, reason: `requests on the old release end (${proof?.openRequests ?? 0} open)` }];
  }
  const unproven = goOnUnproven(state);
  if (unproven) return [unproven];
  return running.map(({ id }) => ({ kind: 'stop', id, reason: 'the new release cannot run beside it', makesRoom: true }));
}

/** The step makes, starts or makes room for a container that publishes what its spec declares. */
export function needsItsPlace(step: Step): boolean {
  return step.kind === 'create' || step.kind === 'start' || makesRoom(step);
}

/** The step is the beginning of the end of a release that serves. */
export function makesRoom(step: Step): boolean {
  return (step.kind === 'stop' || step.kind === 'route') && step.makesRoom === true;
}

/** Asks the clock to come back when a gate may have an answer. */
function waiting({ keep, replicas, verdicts, specIsWanted }: PlanState): Step[] {
  const pending = keep.flatMap(({ id }) => {
    const verdict = verdicts.get(id);
    if (verdict?.kind === 'pending') return [{ afterMs: verdict.lookAfterMs, reason: verdict.reason }];
    return verdict?.kind === 'failed' ? [{ afterMs: 5_000, reason: verdict.message }] : [];
  });
  const first = pending.toSorted((one, other) => one.afterMs - other.afterMs)[0];
  if (first) return [{ kind: 'look-again', ...first }];
  if (keep.length < replicas && !specIsWanted)
    return [{ kind: 'look-again', afterMs: 30_000, reason: 'its release cannot be made any more, because another spec is declared' }];
  return [];
}
