import { releaseName, type ServiceSpec } from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import { comeBack } from './core/come-back.ts';
import type { DesiredRelease } from './core/decide-rollout.ts';
import { isUp } from './core/sort-containers.ts';
import type { World } from './observe-service.ts';
import type { Clock } from './ports.ts';
import { refOf } from './record-rollout.ts';
import type { RecordWriter } from './write-record.ts';

interface StandingPorts {
  readonly write: RecordWriter;
  readonly clock: Pick<Clock, 'now'>;
}

/** What the record remembers of a service beside its rollouts. Nothing of it is an event. */
export interface StandingRecorder {
  /** Remembers the image that was first seen. */
  pin(world: World, image: Pick<DesiredRelease, 'image' | 'digest' | 'source'>): Promise<void>;
  /** All is as it shall be: what stood in the way is forgotten, and what serves is what an unwatched service stays with. */
  settle(world: World): Promise<void>;
  /** What it waited for is there. */
  goOn(world: World): Promise<void>;
  /** What was taken down is there again. */
  arrive(world: World): Promise<void>;
  /** It is declared no more, and nothing keeps it from leaving; or all is taken down. */
  leave(world: World): Promise<void>;
  /**
   * The same is declared again while it leaves, or comes up again. `isWanted`: nothing newer is to take its place; `comesFirst`: what served
   * comes up before that does.
   */
  comeBack(world: World, how: { readonly isWanted: boolean; readonly comesFirst: boolean }): Promise<void>;
}

/** Each write is by compare-and-set and rejects with WORLD_MOVED when somebody else wrote first. */
export function createStandingRecorder({ write, clock }: StandingPorts): StandingRecorder {
  return {
    async pin(world, image) {
      await write(world, (record) => ({ ...record, pinned: refOf(image) }));
    },

    async settle(world) {
      await write(world, ({ waiting: _waiting, comingUp: _comingUp, requested, ...record }) => ({
        ...record,
        ...(requested && !hasWhatWasAskedFor(world) ? { requested } : {}),
        ...(record.serving ? { pinned: refOf(record.serving), serving: { ...record.serving, ...specInForce(world) } } : {}),
      }));
    },

    async goOn(world) {
      await write(world, ({ waiting: _waiting, ...record }) => record);
    },

    async arrive(world) {
      await write(world, ({ comingUp: _comingUp, ...record }) => record);
    },

    async leave(world) {
      const runs = world.containers.some(isUp);
      const release = world.endpoints?.value.targets.find(({ state }) => state === 'ready')?.release;
      await write(world, ({ waiting: _waiting, ...record }) => ({
        ...record,
        leavingSince: clock.now().toISOString(),
        ...(world.down ? { takenDown: true } : {}),
        ...(runs ? { leftRunning: true } : {}),
        leftContainers: world.containers.length,
        ...(release === undefined ? {} : { leftRelease: release }),
      }));
    },

    async comeBack(world, how) {
      const { spec, containers } = world;
      const since = clock.now().toISOString();
      await write(world, (record) => comeBack(record, { ...how, spec, runs: containers.some(isUp), since }));
    },
  };
}

/** The declaration makes exactly what serves: with its routes and behaviour it is what a lost container is made anew from. */
function specInForce(world: World): { readonly spec?: ServiceSpec } {
  const { spec } = world;
  return spec && isServingAs(world, spec) ? { spec } : {};
}

/** What leaves is the service that this declares: the same as before, or one that was only taken down, whatever changed in it since. */
export function staysItself(world: World, spec: ServiceSpec): boolean {
  return world.record?.value.takenDown === true || isServingAs(world, spec);
}

/** What serves is exactly what this declares. */
export function isServingAs({ record }: World, spec: ServiceSpec): boolean {
  const serving = record?.value.serving;
  return serving != null && releaseName(spec, serving.digest) === serving.release;
}

/** Routes or behaviour changed without a rollout, and that was not written down yet. */
export function lagsBehind(world: World): boolean {
  const { spec } = specInForce(world);
  return spec !== undefined && !sameJson(spec, world.record?.value.serving?.spec);
}

/** Somebody asked for it while nothing of it ran, and meanwhile it was started otherwise. */
export function hasWhatWasAskedFor({ record, containers }: World): boolean {
  const { requested, serving, comingUp } = record?.value ?? {};
  return requested !== undefined && serving != null && (comingUp !== undefined || containers.some(isUp));
}
