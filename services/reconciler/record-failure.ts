import { type Bus, owe, writeThenSay } from '@kedge/shared/bus';
import type { BarRecord, OwedEvent, ReleaseRecord, VerdictReason } from '@kedge/shared/contracts';
import { type BackOffTable, backOffMs, patientBackOff } from '@kedge/shared/kernel';
import { restoringStep } from './core/decide-rollout.ts';
import { isLookedAtOften } from './core/obstacles.ts';
import type { RolloutOutcome } from './metrics.ts';
import type { World } from './observe-service.ts';
import type { Clock } from './ports.ts';
import type { Stores } from './stores.ts';
import {
  contextOf,
  endedRollout,
  type RecordWriter,
  type Rollout,
  rolloutEvent,
  rolloutOf,
  supersededRollout,
  worldMoved,
} from './write-record.ts';

interface FailurePorts {
  readonly bus: Bus;
  readonly stores: Stores;
  readonly write: RecordWriter;
  readonly clock: Clock;
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

/** What stands in the way of a release without being its fault. */
export interface Obstacle {
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** The ends that a rollout does not want, and what keeps it from going on. */
export interface FailureRecorder {
  /** A verdict: the release is barred when another one serves, and tried again later when none does. */
  fail(world: World, failure: Failure): Promise<void>;
  /** Nobody wants the rollout any more. Where it stopped the old release, that one comes back, unless the service is declared no more. */
  abandon(world: World, reason: string): Promise<void>;
  /** After a failed stop-first rollout the old release is back. */
  restored(world: World): Promise<void>;
  /** Resolves to how long to wait, in milliseconds. */
  obstacle(world: World, obstacle: Obstacle): Promise<number>;
}

/** For obstacles: most pass quickly, the others get patience. */
const obstacleBackOff: BackOffTable = [5_000, ...patientBackOff];
/** For a port of the host, a volume or a file: whoever frees it expects the service to come up, and asking costs nobody anything. */
const placeBackOff: BackOffTable = [2_000, 5_000, 10_000, 30_000];
const placeCodes = new Set(['PORT_TAKEN', 'PORT_MOVING', 'VOLUME_IN_USE', 'SOURCE_MISSING']);
/** For starts while nothing serves: people expect it to come up as soon as what it needs is there. */
const startBackOff: BackOffTable = [5_000, 10_000, ...patientBackOff];
const keptBars = 20;

export function createFailureRecorder({ bus, stores, write, clock, random, onEnd }: FailurePorts): FailureRecorder {
  const nowText = () => clock.now().toISOString();

  async function bar(world: World, rollout: Rollout, { verdict, message }: Failure): Promise<void> {
    const facts = { release: rollout.release, digest: rollout.digest, reason: verdict, message };
    const declaration = world.manifest.services[world.service];
    const before = (world.bars?.value.bars ?? []).filter(({ release }) => release !== rollout.release);
    const value: BarRecord = {
      node: bus.node,
      service: world.service,
      bars: [...before, { ...facts, rollout: rollout.id, at: nowText(), ...(declaration === undefined ? {} : { declaration }) }].slice(
        -keptBars,
      ),
      owes: [owe('release.barred', facts, { service: world.service, now: clock.now(), ...contextOf(rollout) })],
    };
    if (!(await writeThenSay({ bus, bucket: stores.bars, key: world.key, previous: world.bars, value }))) throw worldMoved(world.key);
  }

  return {
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
      const last = { ...endedRollout(rollout, 'failed', failure.message, clock.now()), lastLines: keptLines(failure.lastLines) };
      if (serves || failure.final) {
        const undone = serves && rollout.strategy === 'stop-first' ? { ...rollout, step: restoringStep } : null;
        // A first start that failed before, and was tried again, has said so then.
        await write(world, ({ waiting: _waiting, ...record }) => ({ ...record, rollout: undone, last }), attempts === 1 ? [said] : []);
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
        (record) => ({ ...record, rollout: { ...rollout, attempts, step: 'start-failed' }, waiting, last }),
        attempts === 1 ? [said] : [],
      );
    },

    async abandon(world, reason) {
      const rollout = rolloutOf(world);
      const mustRestore = rollout.strategy === 'stop-first' && world.record?.value.serving && world.spec;
      const undone = mustRestore ? { ...rollout, step: restoringStep } : null;
      // One that was judged already, and was being undone, has had its end.
      if (hasEnded(world, rollout)) {
        await write(world, ({ waiting: _waiting, ...record }) => ({ ...record, rollout: undone }));
        return;
      }
      const { last, said } = supersededRollout(world.service, rollout, reason, clock.now());
      await write(world, ({ waiting: _waiting, ...record }) => ({ ...record, rollout: undone, last }), [said]);
      onEnd('superseded');
    },

    async restored(world) {
      const rollout = rolloutOf(world);
      const verdict = world.bars?.value.bars.find((known) => known.rollout === rollout.id);
      if (!verdict || !rollout.from) {
        // The next attempt drains the old release anew; one that was given up has no next attempt.
        const { openAtBound: _before, ...again } = rollout;
        const isOver = hasEnded(world, rollout);
        await write(world, (record) => ({ ...record, rollout: record.waiting && !isOver ? { ...again, step: 'waiting' } : null }));
        return;
      }
      const { id, release, image, digest } = rollout;
      const data = { rollout: id, release, image, digest, to: rollout.from, reason: verdict.reason, message: verdict.message };
      await write(
        world,
        ({ last, ...record }) => ({
          ...record,
          rollout: null,
          last: {
            ...endedRollout(rollout, 'rolledback', verdict.message, clock.now()),
            ...(last?.rollout === rollout.id && last.lastLines ? { lastLines: last.lastLines } : {}),
          },
        }),
        [rolloutEvent('deploy.rolledback', { service: world.service, rollout, now: clock.now(), data })],
      );
    },

    async obstacle(world, { code, message, retryAfterMs }) {
      const now = clock.now().getTime();
      const record = world.record?.value;
      const before = record?.waiting;
      const isSame = before?.code === code && before.message === message;
      if (isSame && !isLookedAtOften(code) && Date.parse(before.retryAt) > now) return Date.parse(before.retryAt) - now;
      const failures = (before?.failures ?? 0) + 1;
      const afterMs = isLookedAtOften(code)
        ? 2_000
        : backOffMs({
            table: placeCodes.has(code) ? placeBackOff : obstacleBackOff,
            failures,
            random: random(),
            retryAfterMs,
          });
      // Waiting for a dependency is looked at often; it is written when it begins, not at every look.
      if (isSame && isLookedAtOften(code)) return afterMs;
      const waiting = { code, message, since: before?.since ?? nowText(), retryAt: new Date(now + afterMs).toISOString(), failures };
      const rollout = record?.rollout ?? null;
      // Where the old release had to stop first, it comes back until the obstacle is gone.
      const step = rollout?.strategy === 'stop-first' && record?.serving ? restoringStep : 'waiting';
      await write(
        world,
        (value) => ({ ...value, rollout: rollout && { ...rollout, step }, waiting }),
        before?.code === code ? [] : toldOf(world, rollout, waiting),
      );
      return afterMs;
    },
  };
}

/** What a rollout waits for is told once, except for another service that is on its way. */
function toldOf({ service, now }: World, rollout: Rollout | null, { code, message }: NonNullable<ReleaseRecord['waiting']>): OwedEvent[] {
  if (!rollout || code === 'DEPENDENCY_PENDING') return [];
  const { id, release, image, digest } = rollout;
  const data = { rollout: id, release, image, digest, step: 'waiting', message: `${code}: ${message}` };
  return [rolloutEvent('deploy.progressed', { service, rollout, now: new Date(now), data })];
}

/** The record keeps a few lines for the status; a line may be as long as a program likes. */
const keptLineCount = 20;
const keptLineLength = 500;

function keptLines(lines: readonly string[]): string[] {
  return lines.slice(-keptLineCount).map((line) => line.slice(0, keptLineLength));
}

/** Its end was written down, and what follows is only the way back to the old release. */
function hasEnded({ record }: World, { id, attempts }: Rollout): boolean {
  return record?.value.last?.rollout === id && attempts === undefined;
}
