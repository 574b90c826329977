import type { Bus } from '@kedge/shared/bus';
import type { ReleaseName, ReleaseRecord } from '@kedge/shared/contracts';
import { TerminalError } from '@kedge/shared/kernel';
import type { RouteAnnouncer } from './announce-routes.ts';
import { chooseStrategy } from './core/choose-strategy.ts';
import { stuckStep } from './core/decide-rollout.ts';
import { publishedBy } from './core/desired-container.ts';
import { amidMoves } from './core/moving-routes.ts';
import { isLookedAtOften } from './core/obstacles.ts';
import { planRelease } from './core/plan-release.ts';
import { mayEnd } from './core/purpose.ts';
import { routingInForce } from './core/routes-in-force.ts';
import type { Step } from './core/step.ts';
import { type Timings, timingsOf } from './core/timings.ts';
import { wantedOf } from './decide-service.ts';
import { hasHeardProxies } from './guard-destruction.ts';
import type { HandOvers } from './hand-over.ts';
import { isNamedForLife, type JudgeContainers } from './judge-containers.ts';
import type { ContainerMaker, Making } from './make-container.ts';
import type { World } from './observe-service.ts';
import type { ProxyWatch } from './watch-proxies.ts';

interface PlanPorts {
  readonly bus: Bus;
  readonly maker: ContainerMaker;
  readonly judge: JudgeContainers;
  readonly proxies: ProxyWatch;
  readonly routes: RouteAnnouncer;
  readonly handOvers: Pick<HandOvers, 'lent' | 'taken'>;
}

/** The next steps, and what they are performed with. */
export interface ServicePlan {
  readonly steps: readonly Step[];
  readonly making: Making | null;
  readonly timings: Timings;
}

/** Towards the release of the rollout, or the one that serves; `restore`: that one after a rollout that had stopped it. */
export type PlanMode = 'rollout' | 'maintain' | 'restore';
/** Changes nothing. Rejects with TerminalError NOTHING_WANTED when there is no release of that mode. */
export type PlanService = (world: World, mode: PlanMode) => Promise<ServicePlan>;

/** Gathers what the planner has to know that is not in the world yet (fitness, proofs, the image), and lets it plan. */
export function createPlanner({ bus, maker, judge, proxies, routes, handOvers }: PlanPorts): PlanService {
  return async function plan(world, mode) {
    const wanted = wantedOf(world, mode === 'rollout' ? 'rollout' : 'serving');
    const record = world.record?.value;
    if (!wanted || !record) throw new TerminalError('NOTHING_WANTED', `${world.service} has no release to ${mode}`);
    const { release, spec, digest, source, rollout: rolloutId } = wanted;
    const making = spec && { spec, release, digest, source, rollout: rolloutId };
    const declared = spec ?? world.spec;
    if (!declared) throw new TerminalError('NOTHING_WANTED', `${world.service} is not declared`);

    const rollout = mode === 'rollout' ? record.rollout : null;
    const attemptFrom = attemptFromOf(world, mode);
    const containers = world.containers.filter(({ kedge }) => kedge?.release === release);
    const endpoints = world.endpoints?.value ?? null;
    const switchedAt = rollout?.switchedAt === undefined ? null : Date.parse(rollout.switchedAt);
    const timings = timingsOf(declared);
    const own = spec && routingInForce(spec, world.spec);
    const taken = await handOvers.taken(world, own?.routes ?? []);
    const steps = planRelease({
      taken,
      service: world.service,
      wanted: release,
      mode,
      strategy: record.rollout?.strategy ?? chooseStrategy(declared).strategy,
      policy: declared.service.restart ?? 'no',
      replicas: declared.service.replicas ?? 1,
      comingUp: comingUpOf(record, release),
      serving: record.serving?.release ?? null,
      routing: spec && amidMoves(own, { taken, lent: await handOvers.lent(world, mode), endpoints }),
      published: publishedBy(declared),
      specIsWanted: spec !== null,
      namedForLife: isNamedForLife(declared),
      imagePresent: making !== null && (await maker.findImage(making)) !== null,
      nameIsForeign: world.foreign !== null,
      obstructed: record.waiting !== undefined,
      awaitsHeir: false,
      stuck: record.rollout?.step === stuckStep,
      containers: world.containers,
      endpoints,
      proof: await proxies.prove(world),
      verdicts: await judge({ world, spec: declared, containers, mode, attemptFrom }),
      attemptFrom,
      populateFrom: populateFromOf(world, mode),
      switchedAt,
      drainingSince: switchedAt ?? routes.knownSince(world),
      unproven: rollout?.openAtBound !== undefined,
      settling: rollout?.settlingFrom !== undefined,
      quietForMs: world.quietForMs,
      timings,
      mayDestroy: hasHeardProxies(bus),
      now: world.now,
    });
    return { steps, making, timings };
  };
}

/** Containers that ended before this moment are started again: by a new rollout, a new attempt, or when the old release comes back. */
function attemptFromOf({ record, spec }: World, mode: PlanMode): number {
  if (mode === 'maintain' || !record) return 0;
  if (mode === 'restore') return record.writtenAt.getTime();
  const { rollout, waiting, serving } = record.value;
  const failedBefore = rollout?.attempts !== undefined;
  // Behind an obstacle what is new is stopped again while something serves, unless it may end by itself: that is no end of its own.
  const isLeftAtWork = spec !== null && mayEnd(spec) && rollout?.stopsSince === undefined;
  const wasStopped = serving !== null && rollout?.switchedAt === undefined && !isLeftAtWork;
  const retryAt = waiting && (failedBefore || wasStopped) ? Date.parse(waiting.retryAt) : 0;
  return Math.max(rollout ? Date.parse(rollout.startedAt) : 0, retryAt);
}

/** Since when this release comes up again; null when it does not. */
function comingUpOf({ comingUp }: ReleaseRecord, release: ReleaseName): number | null {
  return comingUp?.release === release ? Date.parse(comingUp.since) : null;
}

/** Behind an obstacle nothing is made or started until it is time to try again; a dependency is looked at every time. */
function populateFromOf({ record, spec }: World, mode: PlanMode): number {
  const { waiting, rollout, serving } = record?.value ?? {};
  if (!waiting || isLookedAtOften(waiting.code) || !spec) return 0;
  // What serves is repaired even while a rollout waits.
  if (mode !== 'rollout' && rollout && serving) return 0;
  return Date.parse(waiting.retryAt);
}
