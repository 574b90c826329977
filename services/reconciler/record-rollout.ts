import { type Bus, owe, writeThenSay } from '@kedge/shared/bus';
import type { BarRecord, EventContext, ReleaseRecord, RolloutCause, ServiceSpec, VerdictReason } from '@kedge/shared/contracts';
import { type BackOffTable, backOffMs, patientBackOff } from '@kedge/shared/kernel';
import { ulid } from 'ulid';
import { retiredForMs } from './core/allocate-address.ts';
import { chooseStrategy } from './core/choose-strategy.ts';
import { type DesiredRelease, restoringStep } from './core/decide-rollout.ts';
import type { Memory } from './memory.ts';
import type { RolloutOutcome } from './metrics.ts';
import type { World } from './observe-service.ts';
import type { Clock } from './ports.ts';
import type { Stores } from './stores.ts';
import { contextOf, type RecordWriter, rolloutEvent, worldMoved } from './write-record.ts';

type Rollout = NonNullable<ReleaseRecord['rollout']>;

interface RecorderPorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly write: RecordWriter;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly random: () => number;
  readonly onEnd: (outcome: RolloutOutcome) => void;
}

/** How a container failed. */
export interface Failure {
  readonly verdict: VerdictReason;
  readonly message: string;
  readonly exitCode: number | null;
  readonly lastLines: readonly string[];
  /** It ended as a thing that runs once: trying again is up to a person. */
  readonly final: boolean;
}

/** The moments of a rollout that outlive a crash: each is one write of the record, and the events that it owes. */
export interface RolloutRecorder {
  begin(
    world: World,
    rollout: {
      readonly spec: ServiceSpec;
      readonly desired: DesiredRelease;
      readonly cause: RolloutCause;
      readonly asked: EventContext | undefined;
    },
  ): Promise<void>;
  switched(world: World): Promise<void>;
  /** A moment worth telling that no state has to remember. */
  progress(world: World, step: string, message: string): Promise<void>;
  settling(world: World, openRequests: number): Promise<void>;
  finish(world: World, spec: ServiceSpec | null): Promise<void>;
  fail(world: World, failure: Failure): Promise<void>;
  abandon(world: World, reason: string): Promise<void>;
  restored(world: World): Promise<void>;
  obstacle(
    world: World,
    obstacle: { readonly code: string; readonly message: string; readonly retryAfterMs?: number | undefined },
  ): Promise<number>;
  /** All is as it shall be: what stood in the way is forgotten, and what serves is what an unwatched service stays with. */
  settle(world: World): Promise<void>;
}

/** For obstacles: most pass quickly, the others get patience. */
const obstacleBackOff: BackOffTable = [5_000, ...patientBackOff];
/** For starts while nothing serves: people expect it to come up as soon as what it needs is there. */
const startBackOff: BackOffTable = [5_000, 10_000, ...patientBackOff];
const keptBars = 20;

export function createRolloutRecorder({ bus, stores, write, clock, memory, random, onEnd }: RecorderPorts): RolloutRecorder {
  const nowText = () => clock.now().toISOString();

  function rolloutOf(world: World): Rollout {
    const rollout = world.record?.value.rollout;
    if (!rollout) throw worldMoved(world.key);
    return rollout;
  }

  function ended(
    rollout: Rollout,
    outcome: NonNullable<ReleaseRecord['last']>['outcome'],
    reason: string,
  ): NonNullable<ReleaseRecord['last']> {
    return { rollout: rollout.id, release: rollout.release, outcome, reason, startedAt: rollout.startedAt, finishedAt: nowText() };
  }

  async function bar(world: World, rollout: Rollout, { verdict, message }: Failure): Promise<void> {
    const facts = { release: rollout.release, digest: rollout.digest, reason: verdict, message };
    const before = (world.bars?.value.bars ?? []).filter(({ release }) => release !== rollout.release);
    const value: BarRecord = {
      node: bus.node,
      service: world.service,
      bars: [...before, { ...facts, rollout: rollout.id, at: nowText() }].slice(-keptBars),
      owes: [owe('release.barred', facts, { service: world.service, now: clock.now(), ...contextOf(rollout) })],
    };
    if (!(await writeThenSay(bus, stores.bars, world.key, world.bars, value))) throw worldMoved(world.key);
  }

  return {
    async begin(world, { spec, desired, cause, asked }) {
      const { strategy, reason } = chooseStrategy(spec);
      const from = world.record?.value.serving?.release ?? null;
      const before = world.record?.value.rollout ?? null;
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
        ...(asked?.causationid === undefined ? {} : { causationid: asked.causationid }),
      };
      const { release, image, digest } = desired;
      const data = { rollout: rollout.id, release, image, digest, cause, from, strategy, reason };
      await write(
        world,
        ({ waiting: _waiting, ...record }) => ({
          ...record,
          rollout,
          pinned: refOf(desired),
          ...(before ? { last: ended(before, 'superseded', 'another release is wanted') } : {}),
        }),
        [rolloutEvent('deploy.started', { service: world.service, rollout, now: clock.now(), data })],
      );
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

    async settling(world, openRequests) {
      const rollout = rolloutOf(world);
      const message =
        openRequests === 0
          ? 'the old containers are drained and lost the name'
          : `the bound passed with ${openRequests} requests open on the old containers`;
      const undrained = openRequests > 0 ? { openAtBound: openRequests } : {};
      const settled: Rollout = { ...rollout, ...undrained, step: 'settling', settlingFrom: nowText() };
      await write(world, (record) => withRetired({ ...record, rollout: settled }, addressesLeaving(world, rollout), clock.now()), [
        progressed(world, rollout, 'settling', message),
      ]);
    },

    async finish(world, spec) {
      const rollout = rolloutOf(world);
      const { id, release, image, digest, source, openAtBound = 0 } = rollout;
      const data = {
        rollout: id,
        release,
        image,
        digest,
        durationMs: Math.max(0, clock.now().getTime() - Date.parse(rollout.startedAt)),
        drained: openAtBound === 0,
        openRequests: openAtBound,
      };
      await write(
        world,
        ({ waiting: _waiting, ...record }) => ({
          ...record,
          serving: { release, image, digest, source, since: nowText(), rollout: id, ...(spec ? { spec } : {}) },
          rollout: null,
          last: ended(rollout, 'succeeded', rollout.cause),
        }),
        [rolloutEvent('deploy.succeeded', { service: world.service, rollout, now: clock.now(), data })],
      );
      onEnd('succeeded');
    },

    async fail(world, failure) {
      const rollout = rolloutOf(world);
      const serves = world.record?.value.serving != null;
      // The bar goes first: a crash after it finds a judged release, and never tries it again.
      const isBarred = world.bars?.value.bars.some((known) => known.rollout === rollout.id) ?? false;
      if (serves && !isBarred) await bar(world, rollout, failure);
      const { id, release, image, digest } = rollout;
      const attempts = (rollout.attempts ?? 0) + 1;
      const exit = failure.exitCode === null ? {} : { exitCode: failure.exitCode };
      const data = {
        rollout: id,
        release,
        image,
        digest,
        reason: failure.verdict,
        message: failure.message,
        ...exit,
        lastLines: [...failure.lastLines],
        barred: serves,
      };
      const said = rolloutEvent('deploy.failed', { service: world.service, rollout, now: clock.now(), data });
      const last = ended(rollout, 'failed', failure.message);
      if (serves || failure.final) {
        const undone = serves && rollout.strategy === 'stop-first' ? { ...rollout, step: restoringStep } : null;
        await write(world, ({ waiting: _waiting, ...record }) => ({ ...record, rollout: undone, last }), [said]);
        onEnd('failed');
        return;
      }
      // Where nothing serves yet it is tried again, and said once.
      const retryAt = new Date(
        clock.now().getTime() + backOffMs({ table: startBackOff, failures: attempts, random: random() }),
      ).toISOString();
      const waiting = {
        code: 'START_FAILED',
        message: failure.message,
        since: world.record?.value.waiting?.since ?? nowText(),
        retryAt,
        failures: attempts,
      };
      await write(
        world,
        (record) => ({ ...record, rollout: { ...rollout, attempts, step: 'start-failed' }, waiting }),
        attempts === 1 ? [said] : [],
      );
    },

    async abandon(world, reason) {
      const rollout = rolloutOf(world);
      const undone = rollout.strategy === 'stop-first' && world.record?.value.serving ? { ...rollout, step: restoringStep } : null;
      await write(world, ({ waiting: _waiting, ...record }) => ({
        ...record,
        rollout: undone,
        last: ended(rollout, 'superseded', reason),
      }));
      onEnd('superseded');
    },

    async restored(world) {
      const rollout = rolloutOf(world);
      const verdict = world.bars?.value.bars.find((known) => known.rollout === rollout.id);
      if (!verdict || !rollout.from) {
        await write(world, (record) => ({ ...record, rollout: record.waiting ? { ...rollout, step: 'waiting' } : null }));
        return;
      }
      const { id, release, image, digest } = rollout;
      const data = { rollout: id, release, image, digest, to: rollout.from, reason: verdict.reason, message: verdict.message };
      await write(world, (record) => ({ ...record, rollout: null, last: ended(rollout, 'rolledback', verdict.message) }), [
        rolloutEvent('deploy.rolledback', { service: world.service, rollout, now: clock.now(), data }),
      ]);
    },

    async obstacle(world, { code, message, retryAfterMs }) {
      const now = clock.now().getTime();
      const record = world.record?.value;
      const before = record?.waiting;
      const isSame = before?.code === code && before.message === message;
      if (isSame && code !== 'DEPENDENCY_PENDING' && Date.parse(before.retryAt) > now) return Date.parse(before.retryAt) - now;
      const failures = (before?.failures ?? 0) + 1;
      const afterMs =
        code === 'DEPENDENCY_PENDING' ? 2_000 : backOffMs({ table: obstacleBackOff, failures, random: random(), retryAfterMs });
      // Waiting for a dependency is looked at often; it is written when it begins, not at every look.
      if (isSame && code === 'DEPENDENCY_PENDING') return afterMs;
      const waiting = { code, message, since: before?.since ?? nowText(), retryAt: new Date(now + afterMs).toISOString(), failures };
      const rollout = record?.rollout ?? null;
      // Where the old release had to stop first, it comes back until the obstacle is gone.
      const step = rollout?.strategy === 'stop-first' && record?.serving ? restoringStep : 'waiting';
      await write(world, (value) => ({ ...value, rollout: rollout && { ...rollout, step }, waiting }));
      return afterMs;
    },

    async settle(world) {
      await write(world, ({ waiting: _waiting, ...record }) => ({
        ...record,
        ...(record.serving ? { pinned: refOf(record.serving) } : {}),
      }));
    },
  };

  function progressed(world: World, rollout: Rollout, step: string, message: string) {
    const { id, release, image, digest } = rollout;
    return rolloutEvent('deploy.progressed', {
      service: world.service,
      rollout,
      now: clock.now(),
      data: { rollout: id, release, image, digest, step, message },
    });
  }
}

function refOf({ image, digest, source }: Pick<DesiredRelease, 'image' | 'digest' | 'source'>): NonNullable<ReleaseRecord['pinned']> {
  return { image, digest, source };
}

/** Addresses that leave service rest for a while; those that rested long enough are forgotten. */
function withRetired(record: ReleaseRecord, addresses: readonly string[], now: Date): ReleaseRecord {
  const resting = (record.retired ?? []).filter(
    ({ at, address }) => now.getTime() - Date.parse(at) < retiredForMs && !addresses.includes(address),
  );
  const retired = [...resting, ...addresses.map((address) => ({ address, at: now.toISOString() }))];
  return retired.length > 0 || record.retired ? { ...record, retired } : record;
}

/** Addresses of the containers that a rollout leaves behind. */
function addressesLeaving({ containers }: World, { release }: Rollout): string[] {
  return containers.flatMap(({ kedge }) => (kedge && kedge.release !== release && kedge.address !== null ? [kedge.address] : []));
}
