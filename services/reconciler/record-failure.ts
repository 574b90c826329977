import { type Bus, owe, writeThenSay } from '@kedge/shared/bus';
import type { BarRecord, VerdictReason } from '@kedge/shared/contracts';
import { type BackOffTable, backOffMs, patientBackOff } from '@kedge/shared/kernel';
import { restoringStep } from './core/decide-rollout.ts';
import { mustRestore } from './core/must-restore.ts';
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

/** The ends that a rollout does not want. */
export interface FailureRecorder {
  /** A verdict: the release is barred when another one serves, and tried again later when none does. */
  fail(world: World, failure: Failure): Promise<void>;
  /** Nobody wants the rollout any more. Where it stopped the old release, that one comes back, unless the service is declared no more. */
  abandon(world: World, reason: string): Promise<void>;
  /** What a rollout had stopped is back, or (`isLate`) had its time to come back. */
  restored(world: World, isLate: boolean): Promise<void>;
}

/** For starts while nothing serves: people expect it to come up as soon as what it needs is there. */
const startBackOff: BackOffTable = [5_000, 10_000, ...patientBackOff];
const keptBars = 20;

/** Each write is by compare-and-set and rejects with WORLD_MOVED when somebody else wrote first. `onEnd` is told after the write. */
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
      const ended = endedRollout(rollout, { outcome: 'failed', reason: failure.message, now: clock.now() });
      const last = { ...ended, lastLines: keptLines(failure.lastLines) };
      // A first start that failed before, and was tried again, has said so then.
      const owes = attempts === 1 ? [said] : [];
      if (serves || failure.final) {
        const undone = mustRestore({ ...world, record: world.record?.value }) ? { ...rollout, step: restoringStep } : null;
        await write(world, ({ waiting: _waiting, ...record }) => ({ ...record, rollout: undone, last, owes }));
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
      await write(world, (record) => ({ ...record, rollout: { ...rollout, attempts, step: 'start-failed' }, waiting, last, owes }));
    },

    async abandon(world, reason) {
      const rollout = rolloutOf(world);
      const undone = world.spec && mustRestore({ ...world, record: world.record?.value }) ? { ...rollout, step: restoringStep } : null;
      // One that was judged already, and was being undone, has had its end.
      if (hasEnded(world, rollout)) {
        await write(world, ({ waiting: _waiting, ...record }) => ({ ...record, rollout: undone }));
        return;
      }
      const { last, said } = supersededRollout({ service: world.service, rollout, reason, now: clock.now() });
      await write(world, ({ waiting: _waiting, ...record }) => ({ ...record, rollout: undone, last, owes: [said] }));
      onEnd('superseded');
    },

    async restored(world, isLate) {
      const rollout = rolloutOf(world);
      const verdict = world.bars?.value.bars.find((known) => known.rollout === rollout.id);
      if (!verdict || !rollout.from) {
        // The next attempt switches, drains and stops anew; one that was given up has no next attempt.
        const { openAtBound: _open, settlingFrom: _settling, switchedAt: _switched, stopsSince, ...again } = rollout;
        const stillStopped = isLate && stopsSince !== undefined ? { stopsSince } : {};
        const isOver = hasEnded(world, rollout);
        await write(world, (record) => ({
          ...record,
          rollout: record.waiting && !isOver ? { ...again, ...stillStopped, step: 'waiting' } : null,
        }));
        return;
      }
      const { id, release, image, digest } = rollout;
      const data = { rollout: id, release, image, digest, to: rollout.from, reason: verdict.reason, message: verdict.message };
      await write(world, ({ last, ...record }) => ({
        ...record,
        rollout: null,
        last: {
          ...endedRollout(rollout, { outcome: 'rolledback', reason: verdict.message, now: clock.now() }),
          ...(last?.rollout === rollout.id && last.lastLines ? { lastLines: last.lastLines } : {}),
        },
        owes: [rolloutEvent('deploy.rolledback', { service: world.service, rollout, now: clock.now(), data })],
      }));
    },
  };
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
