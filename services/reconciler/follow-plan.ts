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
    // Who has stopped something for its place goes on waiting for that; a dependency that is missing then would bring the old release back.
    const hasStopped = mode === 'rollout' && world.record?.value.rollout?.stopsSince !== undefined;
    const hadItsPlace = hasStopped && (await assertPlace(context.making, { world, steps }));
    // What stops the old release does so for a start, which must not have to wait then.
    if (world.spec && (starts || steps.some(makesRoom)) && comesAfterOthers(world, mode)) {
      await ports.assertDependencies(world, world.spec, returns(world, mode) ? 'return' : 'release');
      if (mode !== 'restore' && waitedForOthers(world)) {
        await ports.standing.goOn(world);
        return 'again';
      }
    }
    const hasItsPlace = hadItsPlace || (!hasStopped && (await assertPlace(context.making, { world, steps })));
    if (hasItsPlace && mode !== 'restore' && waitedForItsPlace(world)) {
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

  /** Asked only where something is made, started, or stopped for that: false where it is not. */
  async function assertPlace(
    making: Making | null,
    { world, steps }: { readonly world: World; readonly steps: readonly Step[] },
  ): Promise<boolean> {
    if (!making || !steps.some(needsItsPlace)) return false;
    await ports.assertPortsFree(world, { spec: making.spec, steps });
    await ports.assertVolumesFree(world, { spec: making.spec, steps });
    await ports.assertPredecessorsGone(world, { spec: making.spec, steps });
    return true;
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
