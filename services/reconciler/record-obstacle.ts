import type { OwedEvent, ReleaseRecord } from '@kedge/shared/contracts';
import { backOffMs } from '@kedge/shared/kernel';
import { restoringStep, stuckStep } from './core/decide-rollout.ts';
import { decideEnded } from './core/ended-policy.ts';
import { mustRestore } from './core/must-restore.ts';
import { dependencyLookMs, failuresInARow, isForDependency, isLookedAtOften, isPatient, obstacleBackOff } from './core/obstacles.ts';
import { isMeantToEnd } from './core/purpose.ts';
import { isUp } from './core/sort-containers.ts';
import type { World } from './observe-service.ts';
import type { Clock, ObservedContainer } from './ports.ts';
import { type RecordWriter, rolloutEvent } from './write-record.ts';

interface ObstaclePorts {
  readonly write: RecordWriter;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: () => number;
}

/** Between two looks at what keeps the old release from coming back, where a look costs nobody anything. */
const stuckLookMs = 5_000;

/** What stands in the way of a release without being its fault. */
export interface Obstacle {
  readonly code: string;
  readonly message: string;
  /** When the other side said how long to wait. */
  readonly retryAfterMs?: number | undefined;
}

/** Notes what a service waits for. Resolves to how long to wait, in milliseconds; the same obstacle again before that changes nothing. */
export type RecordObstacle = (world: World, obstacle: Obstacle) => Promise<number>;

/** Each write is by compare-and-set and rejects with WORLD_MOVED when somebody else wrote first. */
export function createObstacleRecorder({ write, clock, random }: ObstaclePorts): RecordObstacle {
  return async function note(world, { code, message, retryAfterMs }) {
    const now = clock.now().getTime();
    const record = world.record?.value;
    const before = record?.waiting;
    const isSame = before?.code === code && before.message === message;
    if (isSame && !isLookedAtOften(code) && Date.parse(before.retryAt) > now) return Date.parse(before.retryAt) - now;
    // What keeps the old release from coming back is looked at while the new one waits for its own time.
    if (record?.rollout?.step === stuckStep && before && Date.parse(before.retryAt) > now) {
      const leftMs = Math.max(Date.parse(before.retryAt) - now, retryAfterMs ?? 0);
      return isPatient(code) ? leftMs : Math.min(stuckLookMs, leftMs);
    }
    const failures = failuresInARow(before, code);
    const afterMs = isLookedAtOften(code)
      ? dependencyLookMs
      : backOffMs({ table: obstacleBackOff(code), failures, random: random(), retryAfterMs });
    const rollout = record?.rollout ?? null;
    const step = stepAt(world, code);
    // Waiting for a dependency is looked at often; it is written when it begins, not at every look.
    if (isSame && isLookedAtOften(code) && (step === 'waiting' || step === rollout?.step || !wasStopped(world))) return afterMs;
    const since = before?.since ?? clock.now().toISOString();
    const waiting = { code, message, since, retryAt: new Date(now + afterMs).toISOString(), failures };
    const owes = before?.code === code ? [] : toldOf(world, waiting);
    await write(world, (value) => ({ ...value, rollout: rollout && { ...rollout, step }, waiting, owes }));
    return afterMs;
  };
}

/** Where the old release had to stop first, it comes back until the obstacle is gone; where it cannot, that is known. */
function stepAt(world: World, code: string): string {
  const { record, containers } = world;
  const known = record?.value;
  if (known && isSettled(known, world)) return 'waiting';
  if (known?.rollout?.step === stuckStep || (known?.rollout?.step === restoringStep && !isForDependency(code))) return stuckStep;
  return mustRestore({ record: known, containers }) ? restoringStep : 'waiting';
}

/** The new release was fit, and is up, or has ended as it may: what is in the way keeps only the old one from leaving. */
function isSettled({ rollout, last }: ReleaseRecord, { containers, spec }: World): boolean {
  if (rollout?.switchedAt === undefined || last?.rollout === rollout.id) return false;
  const mayEndWell = spec !== null && !decideEnded(spec.service.restart ?? 'no', 0).again;
  const isDone = ({ state, exitCode }: ObservedContainer) => mayEndWell && state === 'exited' && exitCode === 0;
  return containers.some((each) => each.kedge?.release === rollout.release && (isUp(each) || isDone(each)));
}

/** Nothing of what serves is up; of what is meant to end that says nothing. */
function wasStopped({ record, spec, containers }: World): boolean {
  const isOld = ({ kedge }: ObservedContainer) => kedge?.release === record?.value.serving?.release;
  return spec !== null && !isMeantToEnd(spec) && !containers.some((container) => isUp(container) && isOld(container));
}

/** What a rollout waits for is told once, except for another service that is on its way. */
function toldOf({ service, now, record }: World, { code, message }: NonNullable<ReleaseRecord['waiting']>): OwedEvent[] {
  const rollout = record?.value.rollout;
  if (!rollout || code === 'DEPENDENCY_PENDING') return [];
  const { id, release, image, digest } = rollout;
  const data = { rollout: id, release, image, digest, step: 'waiting', message: `${code}: ${message}` };
  return [rolloutEvent('deploy.progressed', { service, rollout, now: new Date(now), data })];
}
