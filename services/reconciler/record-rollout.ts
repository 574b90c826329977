import type { Bus } from '@kedge/shared/bus';
import {
  type EventContext,
  type OwedEvent,
  type ReleaseRecord,
  type RolloutCause,
  releaseName,
  type ServiceSpec,
} from '@kedge/shared/contracts';
import { sameJson } from '@kedge/shared/kernel';
import { ulid } from 'ulid';
import { chooseStrategy } from './core/choose-strategy.ts';
import type { DesiredRelease } from './core/decide-rollout.ts';
import { isUp } from './core/sort-containers.ts';
import type { Memory } from './memory.ts';
import type { RolloutOutcome } from './metrics.ts';
import type { World } from './observe-service.ts';
import type { Clock } from './ports.ts';
import { contextOf, endedRollout, type RecordWriter, type Rollout, rolloutEvent, rolloutOf, supersededRollout } from './write-record.ts';

interface RecorderPorts {
  readonly bus: Bus;
  readonly write: RecordWriter;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly onEnd: (outcome: RolloutOutcome) => void;
}

/** What begins, and why. */
export interface Beginning {
  readonly spec: ServiceSpec;
  readonly desired: DesiredRelease;
  readonly cause: RolloutCause;
  /** Who asked for it, when somebody did. */
  readonly asked: EventContext | undefined;
  /** The event that told what is new, when nobody asked. */
  readonly woken: string | undefined;
}

/** The moments of a rollout that outlive a crash: each is one write of the record, and the events that it owes. */
export interface RolloutRecorder {
  begin(world: World, beginning: Beginning): Promise<void>;
  /** Requests go to the new release from now on. */
  switched(world: World): Promise<void>;
  /** A moment worth telling that no state has to remember. */
  progress(world: World, step: string, message: string): Promise<void>;
  /** The drain bound passed before every proxy had proven that requests ended. */
  unproven(world: World, missing: { readonly openRequests: number; readonly waitingFor: readonly string[] }): Promise<void>;
  /** The old containers lost their requests and the name. */
  settling(world: World): Promise<void>;
  finish(world: World, spec: ServiceSpec | null): Promise<void>;
  /** Remembers the image that was first seen. */
  pin(world: World, image: Pick<DesiredRelease, 'image' | 'digest' | 'source'>): Promise<void>;
  /** All is as it shall be: what stood in the way is forgotten, and what serves is what an unwatched service stays with. */
  settle(world: World): Promise<void>;
  /** It is declared no more, and nothing keeps it from leaving. */
  leave(world: World): Promise<void>;
  /** The same is declared again while it leaves. */
  comeBack(world: World): Promise<void>;
}

export function createRolloutRecorder({ bus, write, clock, memory, onEnd }: RecorderPorts): RolloutRecorder {
  const nowText = () => clock.now().toISOString();

  function progressed(world: World, rollout: Rollout, step: string, message: string): OwedEvent {
    const { id, release, image, digest } = rollout;
    return rolloutEvent('deploy.progressed', {
      service: world.service,
      rollout,
      now: clock.now(),
      data: { rollout: id, release, image, digest, step, message },
    });
  }

  return {
    async begin(world, { spec, desired, cause, woken, asked = world.record?.value.requested }) {
      const { strategy, reason } = chooseStrategy(spec);
      const from = world.record?.value.serving?.release ?? null;
      const before = world.record?.value.rollout ?? null;
      const causationid = asked ? asked.causationid : woken;
      const rollout: Rollout = {
        ...desired,
        id: ulid(clock.now().getTime()),
        cause,
        startedAt: nowText(),
        from,
        strategy,
        strategyReason: reason,
        step: 'begin',
        ...(asked?.actor === undefined ? {} : { actor: asked.actor }),
        ...(causationid === undefined ? {} : { causationid }),
      };
      const { release, image, digest } = desired;
      const data = { rollout: rollout.id, release, image, digest, cause, from, strategy, reason };
      const ended = before && supersededRollout(world.service, before, 'another release is wanted', clock.now());
      await write(
        world,
        ({ waiting: _waiting, requested: _requested, ...record }) => ({
          ...record,
          rollout,
          pinned: refOf(desired),
          ...(ended ? { last: ended.last } : {}),
        }),
        [...(ended ? [ended.said] : []), rolloutEvent('deploy.started', { service: world.service, rollout, now: clock.now(), data })],
      );
      if (before) onEnd('superseded');
    },

    async switched(world) {
      const rollout = rolloutOf(world);
      await write(
        world,
        ({ waiting: _waiting, ...record }) => ({ ...record, rollout: { ...rollout, step: 'switched', switchedAt: nowText() } }),
        [progressed(world, rollout, 'switched', 'the new release passed its gates and gets the traffic')],
      );
    },

    async progress(world, step, message) {
      const rollout = world.record?.value.rollout;
      if (!rollout) return;
      // No state says this, so no write owes it: told at most once, and nobody misses it after a crash.
      const id = `deploy.progressed/${rollout.id}/${step}`;
      if (!memory.isNews(world.service, id)) return;
      const { id: of, release, image, digest } = rollout;
      await bus.publish(
        'deploy.progressed',
        { rollout: of, release, image, digest, step, message },
        { ...contextOf(rollout), service: world.service, id },
      );
    },

    async unproven(world, { openRequests, waitingFor }) {
      const rollout = rolloutOf(world);
      const message = `the bound passed without the proof of ${waitingFor.join(', ')}; ${openRequests} requests are known to be open on the old containers`;
      await write(world, (record) => ({ ...record, rollout: { ...rollout, openAtBound: openRequests } }), [
        progressed(world, rollout, 'unproven', message),
      ]);
    },

    async settling(world) {
      const rollout = rolloutOf(world);
      const isDrained = rollout.openAtBound === undefined;
      const message = isDrained ? 'the old containers are drained and lost the name' : 'the old containers lost the name';
      const settled: Rollout = { ...rollout, step: 'settling', settlingFrom: nowText() };
      await write(world, (record) => ({ ...record, rollout: settled }), [progressed(world, rollout, 'settling', message)]);
    },

    async finish(world, spec) {
      const rollout = rolloutOf(world);
      const { id, release, image, digest, source, openAtBound } = rollout;
      const data = {
        rollout: id,
        release,
        image,
        digest,
        durationMs: Math.max(0, clock.now().getTime() - Date.parse(rollout.startedAt)),
        drained: openAtBound === undefined,
        openRequests: openAtBound ?? 0,
      };
      await write(
        world,
        ({ waiting: _waiting, ...record }) => ({
          ...record,
          serving: { release, image, digest, source, since: nowText(), rollout: id, ...(spec ? { spec } : {}) },
          rollout: null,
          last: endedRollout(rollout, 'succeeded', rollout.cause, clock.now()),
        }),
        [rolloutEvent('deploy.succeeded', { service: world.service, rollout, now: clock.now(), data })],
      );
      onEnd('succeeded');
    },

    async pin(world, image) {
      await write(world, (record) => ({ ...record, pinned: refOf(image) }));
    },

    async settle(world) {
      await write(world, ({ waiting: _waiting, ...record }) => ({
        ...record,
        ...(record.serving ? { pinned: refOf(record.serving), serving: { ...record.serving, ...specInForce(world) } } : {}),
      }));
    },

    async leave(world) {
      const runs = world.containers.some(isUp);
      await write(world, (record) => ({ ...record, leavingSince: nowText(), ...(runs ? { leftRunning: true } : {}) }));
    },

    async comeBack(world) {
      const { dispenser, service } = world.spec ?? {};
      const runsOnce = (service?.restart ?? 'no') === 'no' && dispenser?.cron === undefined;
      const isGone = runsOnce && !world.containers.some(isUp);
      await write(world, ({ leavingSince: _leavingSince, leftRunning, ...record }) =>
        // What runs once was taken down in the middle of that; it begins anew.
        leftRunning && isGone ? { ...record, serving: null, requested: { causationid: 'node.requested' } } : record,
      );
    },
  };
}

/** The declaration makes exactly what serves: with its routes and behaviour it is what a lost container is made anew from. */
function specInForce(world: World): { readonly spec?: ServiceSpec } {
  const { spec } = world;
  return spec && isServingAs(world, spec) ? { spec } : {};
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

function refOf({ image, digest, source }: Pick<DesiredRelease, 'image' | 'digest' | 'source'>): NonNullable<ReleaseRecord['pinned']> {
  return { image, digest, source };
}
