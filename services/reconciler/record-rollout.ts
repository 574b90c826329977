import type { Bus } from '@kedge/shared/bus';
import type { EventContext, OwedEvent, ReleaseRecord, RolloutCause, ServiceSpec } from '@kedge/shared/contracts';
import { ulid } from 'ulid';
import { chooseStrategy } from './core/choose-strategy.ts';
import { type DesiredRelease, isRestoring, listeningStep } from './core/decide-rollout.ts';
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

/** How far a rollout is, as `deploy.progressed` tells it. */
export interface Progress {
  readonly step: string;
  readonly message: string;
}

/** The moments of a rollout that outlive a crash: each is one write of the record, and the events that it owes. */
export interface RolloutRecorder {
  /** Another rollout that is under way ends with it, as superseded. */
  begin(world: World, beginning: Beginning): Promise<void>;
  /** What it replaces was seen to listen at this port, so the new release has to, whatever that one answers later. */
  listening(world: World, port: number): Promise<void>;
  /** What serves is about to be stopped, because the new release cannot run beside it. */
  makeRoom(world: World): Promise<void>;
  /** The new release is fit, and has the requests, where it gets any: from now on it is the old one that leaves. */
  switched(world: World): Promise<void>;
  /** A moment worth telling that no state has to remember. */
  progress(world: World, progress: Progress): Promise<void>;
  /** The drain bound passed before every proxy had proven that requests ended. */
  unproven(world: World, missing: { readonly openRequests: number; readonly waitingFor: readonly string[] }): Promise<void>;
  /** The old containers lost their requests and the name. */
  settling(world: World): Promise<void>;
  /** All is there and fit, and nothing else is left: from now on this release serves. `spec`: what it was made of, as far as that is declared. */
  finish(world: World, spec: ServiceSpec | null): Promise<void>;
}

/** Each write is by compare-and-set and rejects with WORLD_MOVED when somebody else wrote first. `onEnd` is told after the write. */
export function createRolloutRecorder({ bus, write, clock, memory, onEnd }: RecorderPorts): RolloutRecorder {
  const nowText = () => clock.now().toISOString();

  function progressed(world: World, { step, message }: Progress): OwedEvent {
    const rollout = rolloutOf(world);
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
      const serving = world.record?.value.serving ?? null;
      // It runs anew: nothing else is there that it would take the place of.
      const isSame = serving?.release === desired.release;
      const from = isSame ? null : (serving?.release ?? null);
      const before = underWay(world);
      // What a rollout stopped, and did not bring back, is still down for the one that takes its place.
      const stopsSince = world.record?.value.rollout?.stopsSince;
      const causationid = asked ? asked.causationid : woken;
      const rollout: Rollout = {
        ...desired,
        id: ulid(clock.now().getTime()),
        cause,
        startedAt: nowText(),
        ...(stopsSince === undefined ? {} : { stopsSince }),
        from,
        strategy,
        strategyReason: reason,
        step: 'begin',
        ...(asked?.actor === undefined ? {} : { actor: asked.actor }),
        ...(causationid === undefined ? {} : { causationid }),
      };
      const { release, image, digest } = desired;
      const data = { rollout: rollout.id, release, image, digest, cause, from, strategy, reason };
      const { service } = world;
      const now = clock.now();
      const ended = before && supersededRollout({ service, rollout: before, reason: 'another release is wanted', now });
      const started = rolloutEvent('deploy.started', { service, rollout, now, data });
      await write(world, ({ waiting: _waiting, requested: _requested, ...record }) => ({
        ...record,
        ...(isSame ? { serving: null } : {}),
        rollout,
        pinned: refOf(desired),
        ...(ended ? { last: ended.last } : {}),
        owes: [...(ended ? [ended.said] : []), started],
      }));
      if (before) onEnd('superseded');
    },

    async listening(world, port) {
      const rollout = rolloutOf(world);
      const message = `the release before answers on port ${port}, which its image exposes: the new one has to answer there, too`;
      await write(world, (record) => ({
        ...record,
        rollout: { ...rollout, step: listeningStep },
        owes: [progressed(world, { step: listeningStep, message })],
      }));
    },

    async makeRoom(world) {
      const rollout = rolloutOf(world);
      await write(world, (record) => ({ ...record, rollout: { ...rollout, stopsSince: nowText() } }));
    },

    async switched(world) {
      const rollout = rolloutOf(world);
      const isRouted = world.endpoints?.value.targets.some(({ release, state }) => release === rollout.release && state === 'ready');
      const message = `the new release passed its gates${isRouted ? ' and gets the traffic' : ''}`;
      await write(world, ({ waiting: _waiting, ...record }) => ({
        ...record,
        rollout: { ...rollout, step: 'switched', switchedAt: nowText() },
        owes: [progressed(world, { step: 'switched', message })],
      }));
    },

    async progress(world, { step, message }) {
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
      const message = `the bound passed without the proof of ${waitingFor.join(', ')}; requests known to be open on the old containers: ${openRequests}`;
      const owes = [progressed(world, { step: 'unproven', message })];
      await write(world, (record) => ({ ...record, rollout: { ...rollout, openAtBound: openRequests }, owes }));
    },

    async settling(world) {
      const rollout = rolloutOf(world);
      const isDrained = rollout.openAtBound === undefined;
      const message = isDrained ? 'the old containers are drained and lost the name' : 'the old containers lost the name';
      const settled: Rollout = { ...rollout, step: 'settling', settlingFrom: nowText() };
      await write(world, (record) => ({ ...record, rollout: settled, owes: [progressed(world, { step: 'settling', message })] }));
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
      await write(world, ({ waiting: _waiting, comingUp: _comingUp, requested: _requested, ...record }) => ({
        ...record,
        serving: { release, image, digest, source, since: nowText(), rollout: id, ...(spec ? { spec } : {}) },
        rollout: null,
        last: endedRollout(rollout, { outcome: 'succeeded', reason: rollout.cause, now: clock.now() }),
        owes: [rolloutEvent('deploy.succeeded', { service: world.service, rollout, now: clock.now(), data })],
      }));
      onEnd('succeeded');
    },
  };
}

/** A rollout whose end was told already, and that was being undone, ends no second time. */
function underWay({ record }: World): Rollout | null {
  const { rollout = null, last } = record?.value ?? {};
  return rollout && isRestoring(rollout.step) && last?.rollout === rollout.id ? null : rollout;
}

/** The image of a release, as an unwatched service stays with it. */
export function refOf({
  image,
  digest,
  source,
}: Pick<DesiredRelease, 'image' | 'digest' | 'source'>): NonNullable<ReleaseRecord['pinned']> {
  return { image, digest, source };
}
