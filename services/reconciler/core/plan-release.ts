import type { EndpointsEntry, ReleaseName, RestartPolicy, Routing, ServiceName } from '@kedge/shared/contracts';
import type { HostPort, ObservedContainer } from '../ports.ts';
import type { Strategy } from './choose-strategy.ts';
import type { DrainProof } from './drain-proof.ts';
import type { Verdict } from './gates.ts';
import { planArrival } from './plan-arrival.ts';
import { planDeparture } from './plan-departure.ts';
import { planHealing } from './plan-healing.ts';
import { planNaming } from './plan-naming.ts';
import { awaitingForget, planRoutes } from './plan-routes.ts';
import { isUp, sortContainers } from './sort-containers.ts';
import { joinSteps, type Step } from './step.ts';
import type { Timings } from './timings.ts';

/** Everything that a plan is made from; nothing of it is "what I did before". */
export interface PlanInput {
  readonly service: ServiceName;
  readonly wanted: ReleaseName;
  /**
   * `rollout`: an end of a container is a verdict, and the switch is noted. `maintain`: what serves is kept so. `restore`: what a
   * rollout stopped is started again.
   */
  readonly mode: 'rollout' | 'maintain' | 'restore';
  readonly strategy: Strategy;
  readonly policy: RestartPolicy;
  readonly replicas: number;
  /** Since when it comes up again after it was taken down: what runs once is made anew, too. Null when it does not. */
  readonly comingUp: number | null;
  /** The release that served when the rollout began. */
  readonly serving: ReleaseName | null;
  /** What the wanted release declares; null without a route. */
  readonly routing: Routing | null;
  /** What its containers publish: proxies cannot have these ports as well. */
  readonly published: readonly HostPort[];
  /** Another service declares and serves them, and this one declares them no more. */
  readonly taken: Routing['routes'];
  /** False when the declared spec is not that of the wanted release: then nothing can be made, and the routes stay as they are. */
  readonly specIsWanted: boolean;
  readonly imagePresent: boolean;
  /** The name is given before the start and kept to the end: changing it would close published ports for a moment, and cut off who is there. */
  readonly namedForLife: boolean;
  /** A container of somebody else has the service's name. */
  readonly nameIsForeign: boolean;
  /** An obstacle is in the way, and the service waits for its next attempt. */
  readonly obstructed: boolean;
  /** Another service serves its routes as soon as this one is gone: requests wait for that. */
  readonly awaitsHeir: boolean;
  /** What served cannot come back for now: nobody holds requests for it. */
  readonly stuck: boolean;
  readonly containers: readonly ObservedContainer[];
  readonly endpoints: EndpointsEntry | null;
  /** About the endpoints as they are now; null when nothing is to be proven. */
  readonly proof: DrainProof | null;
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** Containers that ended before this moment ended in an earlier attempt, and are started again. */
  readonly attemptFrom: number;
  /** Nothing is made or started before: an obstacle is in the way. */
  readonly populateFrom: number;
  readonly switchedAt: number | null;
  /** Since when the draining targets get no new requests: the bound counts from here. */
  readonly drainingSince: number | null;
  /** True once it was noted that the bound passed without proof. */
  readonly unproven: boolean;
  /** True once the settling of the old containers was noted. */
  readonly settling: boolean;
  /** Since when each container had neither the name nor the alias of the service, as far as we saw. */
  readonly quietForMs: ReadonlyMap<string, number>;
  readonly timings: Timings;
  /** False while we are connected for too short a time to know whether something still needs a container. */
  readonly mayDestroy: boolean;
  readonly now: number;
}

/** What the parts of the plan share. */
export interface PlanState extends PlanInput {
  readonly keep: readonly ObservedContainer[];
  readonly leaving: readonly ObservedContainer[];
  /** Those of `keep` that are fit, or ended as they should. */
  readonly passed: readonly ObservedContainer[];
  /** Leaving containers that carry the traffic of the service now. */
  readonly carrying: readonly ObservedContainer[];
  /** All that is wanted is there and fit: what leaves may leave. */
  readonly complete: boolean;
}

/**
 * The next steps towards: `replicas` fit containers of the wanted release, named and routed, and nothing else. An empty list means that
 * nothing is left to do. Perform the steps in order, look at the world again, and ask again.
 */
export function planRelease(input: PlanInput): Step[] {
  const state = stateOf(input);
  const healing = planHealing(state);
  if (healing.length > 0) return healing;
  const failure = state.mode === 'rollout' ? failureOf(state) : null;
  if (failure) return [failure];
  const listening = listeningOf(state);
  if (listening) return [listening];

  if (hadItsTime(state)) return [{ kind: 'restored', late: true }];

  const routes = planRoutes(state);
  if (routes.length > 0) return routes;

  const strays = planDeparture(state, state.complete ? 'all' : 'strays');
  const arrival = planArrival(state);
  // Both may wait for something; the earlier look decides. What is down already is in nobody's way.
  const isInTheWay = state.mode === 'rollout' || state.leaving.some(isUp);
  if (arrival.length > 0 || !state.complete) return isInTheWay ? joinSteps(strays, arrival) : joinSteps(arrival, strays);
  if (strays.length > 0) return strays;

  const naming = planNaming(state);
  if (naming.length > 0) return naming;
  if (state.mode === 'rollout') return [{ kind: 'finish' }];
  return state.mode === 'restore' ? [{ kind: 'restored' }] : awaitingForget(state);
}

const restoreWithinMs = 120_000;

/** The old release had its chance to come back, or has none; while an obstacle keeps it from being started, it has not had it yet. */
function hadItsTime({ mode, now, attemptFrom, obstructed, keep, specIsWanted }: PlanState): boolean {
  if (mode !== 'restore' || now <= attemptFrom + restoreWithinMs) return false;
  const wasStarted = keep.some((each) => isUp(each) || (each.startedAt?.getTime() ?? 0) >= attemptFrom);
  const isLost = keep.length === 0 && !specIsWanted;
  return !obstructed || wasStarted || isLost;
}

function stateOf(input: PlanInput): PlanState {
  const { endpoints, verdicts, service } = input;
  const { keep, leaving } = sortContainers({ ...input, isSpent: ({ id }) => isSpent(verdicts.get(id)) });
  const passed = keep.filter(({ id }) => verdicts.get(id)?.kind === 'passed');
  const isCarrying = (container: ObservedContainer) =>
    isUp(container) &&
    (endpoints
      ? endpoints.targets.some(({ id, state }) => id === container.id && state === 'ready')
      : container.hasAlias || container.name === service);
  return {
    ...input,
    keep,
    leaving,
    passed,
    carrying: leaving.filter(isCarrying),
    complete: passed.length >= input.replicas && passed.every((container) => !isUp(container) || container.hasAlias),
  };
}

/** Noted before it counts, so that an answer that fails to come later changes nothing. */
function listeningOf({ keep, verdicts }: PlanState): Step | null {
  for (const { id } of keep) {
    const verdict = verdicts.get(id);
    if (verdict?.kind === 'pending' && verdict.asBefore !== undefined) return { kind: 'listening', port: verdict.asBefore };
  }
  return null;
}

function isSpent(verdict: Verdict | undefined): boolean {
  return verdict?.kind === 'pending' && verdict.makeAnew === true;
}

function failureOf({ keep, verdicts, attemptFrom }: PlanState): Step | null {
  for (const container of keep) {
    const verdict = verdicts.get(container.id);
    const isEarlier = !isUp(container) && (container.startedAt?.getTime() ?? 0) < attemptFrom;
    if (verdict?.kind === 'failed' && !isEarlier) {
      return {
        kind: 'fail',
        id: container.id,
        verdict: verdict.verdict,
        message: verdict.message,
        exitCode: isUp(container) ? null : container.exitCode,
      };
    }
  }
  return null;
}
