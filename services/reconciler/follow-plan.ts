import { RetryableError } from '@kedge/shared/kernel';
import { adoptedIds, type PlaceAdopter } from './adopt-place.ts';
import { isMoving } from './core/exchange.ts';
import { nameTakenMessage } from './core/name-taken.ts';
import { isForDependency } from './core/obstacles.ts';
import { makesRoom, needsItsPlace } from './core/plan-arrival.ts';
import type { Step } from './core/step.ts';
import type { DependencyGuard } from './guard-dependencies.ts';
import type { PortGuard } from './guard-ports.ts';
import type { PredecessorGuard } from './guard-predecessors.ts';
import type { VolumeGuard } from './guard-volumes.ts';
import type { Making } from './make-container.ts';
import type { World } from './observe-service.ts';
import type { PerformSteps, Round } from './perform-steps.ts';
import type { PlanMode, PlanService } from './plan-service.ts';
import type { RolloutRecorder } from './record-rollout.ts';
import type { StandingRecorder } from './record-standing.ts';

interface FollowPorts {
  readonly plan: PlanService;
  readonly performAll: PerformSteps;
  readonly adopter: Pick<PlaceAdopter, 'makeRoom'>;
  readonly standing: Pick<StandingRecorder, 'goOn'>;
  readonly recorder: Pick<RolloutRecorder, 'makeRoom'>;
  readonly assertDependencies: DependencyGuard;
  readonly assertPortsFree: PortGuard;
  readonly assertVolumesFree: VolumeGuard;
  readonly assertPredecessorsGone: PredecessorGuard;
}

/** Takes the next steps of a plan; null when it has none. Rejects with what stands in the way, before anything is made for it. */
export type FollowPlan = (world: World, mode: PlanMode) => Promise<Round | null>;

/** What is about to be done, and what has to be there for it. */
interface Needs {
  readonly world: World;
  readonly steps: readonly Step[];
  readonly making: Making | null;
  readonly mode: PlanMode;
}

/** The guards are asked only about what the steps need. */
export function createPlanFollower(ports: FollowPorts): FollowPlan {
  return async function follow(world, mode) {
    const { steps: all, ...context } = await ports.plan(world, mode);
    if (all.length === 0) return null;
    const starts = all.some(({ kind }) => kind === 'start');
    if (starts || all.some(({ kind }) => kind === 'create')) assertNameIsFree(world);
    // An image is there before anybody is asked to give way for it.
    const toPull = all.findIndex(({ kind }) => kind === 'pull') + 1;
    const pulled = toPull === 0 ? 'again' : await ports.performAll(all.slice(0, toPull), { ...context, world });
    if (pulled !== 'again') return pulled;
    const steps = all.slice(toPull);
    const needs = { world, steps, making: context.making, mode };
    const guards = [hasWaitedForOthers, hasWaitedForItsPlace];
    // Who has stopped something for its place goes on waiting for that; a dependency that is missing then would bring the old release back.
    if (mode === 'rollout' && world.record?.value.rollout?.stopsSince !== undefined) guards.reverse();
    for (const hasWaited of guards) {
      if (!(await hasWaited(needs))) continue;
      await ports.standing.goOn(world);
      return 'again';
    }
    if (context.making && starts) await ports.adopter.makeRoom(world, context.making.spec);
    if (mode === 'rollout' && world.record?.value.rollout?.stopsSince === undefined && steps.some(makesRoom)) {
      await ports.recorder.makeRoom(world);
      return 'again';
    }
    return await ports.performAll(steps, { ...context, world });
  };

  /** What stops the old release does so for a start, which must not have to wait then. Rejects while others are missing. */
  async function hasWaitedForOthers({ world, steps, mode }: Needs): Promise<boolean> {
    const endsOrStarts = steps.some((step) => step.kind === 'start' || makesRoom(step));
    if (!world.spec || !endsOrStarts || !comesAfterOthers(world, mode)) return false;
    await ports.assertDependencies(world, world.spec, returns(world, mode) ? 'return' : 'release');
    return mode !== 'restore' && waitedForOthers(world);
  }

  /** Asked only where something is made, started, or stopped for that. Rejects while others have its place. */
  async function hasWaitedForItsPlace({ world, steps, making, mode }: Needs): Promise<boolean> {
    if (!making || !steps.some(needsItsPlace)) return false;
    await ports.assertPortsFree(world, { spec: making.spec, steps });
    await ports.assertVolumesFree(world, { spec: making.spec, steps });
    await ports.assertPredecessorsGone(world, { making, steps });
    return mode !== 'restore' && waitedForItsPlace(world);
  }
}

function assertNameIsFree({ service, record, foreign }: World): void {
  if (!foreign || record?.value.serving || adoptedIds(record?.value).includes(foreign.id)) return;
  throw new RetryableError('NAME_TAKEN', nameTakenMessage(service, foreign), { details: { container: foreign.id } });
}

/** They are there. After a failed start, what is noted says when the next attempt is. */
function waitedForOthers({ record }: World): boolean {
  const { waiting, rollout } = record?.value ?? {};
  return waiting !== undefined && isForDependency(waiting.code) && rollout?.attempts === undefined;
}

/** The others have gone. */
function waitedForItsPlace({ record }: World): boolean {
  return isMoving(record?.value ?? null) && record?.value.rollout?.attempts === undefined;
}

/** It was taken down, and what comes up is what served. */
function returns({ record }: Pick<World, 'record'>, mode: PlanMode): boolean {
  const { comingUp, rollout, serving } = record?.value ?? {};
  return comingUp !== undefined && comingUp.release === (mode === 'rollout' ? rollout : serving)?.release;
}

/** What serves is repaired whatever became of others; only a start of something new, or of what was taken down, waits for them. */
function comesAfterOthers({ record }: Pick<World, 'record'>, mode: PlanMode): boolean {
  return mode === 'rollout' || !record?.value.serving || returns({ record }, mode);
}
