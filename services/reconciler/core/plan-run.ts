import type { JobSkipped, ReleaseName, RunRecord } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { isUp } from './sort-containers.ts';

/** An instant that is older when it is claimed is not worth running any more. */
export const lateAfterMs = 60_000;
/** A claimed run that could not be started for so long is given up. */
export const startWithinMs = 10 * 60_000;

type SkipReason = JobSkipped['reason'];

/** What happens next to one firing of a job. */
export type RunStep =
  | { readonly kind: 'skip'; readonly reason: SkipReason; readonly message: string }
  /** Containers of earlier runs that cannot be started again for this one. */
  | { readonly kind: 'clear'; readonly ids: readonly string[] }
  | { readonly kind: 'make' }
  | { readonly kind: 'start'; readonly id: string }
  /** It runs already: we started it and were interrupted before we could write that down. */
  | { readonly kind: 'note-start'; readonly id: string }
  | { readonly kind: 'finish'; readonly id: string; readonly exitCode: number }
  | { readonly kind: 'lost'; readonly message: string }
  | { readonly kind: 'look-again'; readonly afterMs: number; readonly reason: string };

interface PlanRun {
  readonly run: RunRecord;
  /** When the run was claimed. */
  readonly claimedAt: number;
  readonly release: ReleaseName;
  readonly recreate: boolean;
  readonly containers: readonly ObservedContainer[];
  readonly now: number;
}

/** A finished job runs again in the same container, unless its release changed or `pull = "always"` asks for a new one each time. */
export function planRun({ run, claimedAt, release, recreate, containers, now }: PlanRun): RunStep {
  if (run.state === 'running') return planRunning(run, containers);
  const sinceClaim = (container: ObservedContainer) => container.startedAt !== null && container.startedAt.getTime() >= claimedAt;
  const ours = containers.find((container) => container.kedge?.release === release && sinceClaim(container));
  if (ours) return { kind: 'note-start', id: ours.id };
  if (containers.some((container) => isUp(container) || container.state === 'restarting')) {
    return { kind: 'skip', reason: 'overlap', message: 'the run before it has not ended' };
  }
  if (now - Date.parse(run.instant) > startWithinMs)
    return { kind: 'skip', reason: 'not-started', message: 'it could not be started for 10 minutes' };

  const isReusable = (container: ObservedContainer) =>
    container.kedge?.release === release && (container.state === 'created' || (container.state === 'exited' && !recreate));
  const reusable = containers.find(isReusable);
  const obsolete = containers.filter((container) => container !== reusable && container.state !== 'removing');
  if (obsolete.length > 0) return { kind: 'clear', ids: obsolete.map(({ id }) => id) };
  return reusable ? { kind: 'start', id: reusable.id } : { kind: 'make' };
}

function planRunning(run: RunRecord, containers: readonly ObservedContainer[]): RunStep {
  const container = containers.find(({ id }) => id === run.container);
  if (!container || container.state === 'removing' || container.state === 'dead')
    return { kind: 'lost', message: 'its container vanished while it ran' };
  if (container.state === 'exited') return { kind: 'finish', id: container.id, exitCode: container.exitCode ?? 0 };
  return { kind: 'look-again', afterMs: 5_000, reason: 'the job runs' };
}

/** Why a firing is not even claimed for running; null when it is. */
export function refuseRun({
  instant,
  isDown,
  isJob,
  hasOpenRun,
  now,
}: {
  readonly instant: string;
  readonly isDown: boolean;
  readonly isJob: boolean;
  readonly hasOpenRun: boolean;
  readonly now: number;
}): {
  readonly reason: SkipReason;
  readonly message: string;
} | null {
  if (isDown) return { reason: 'down', message: 'everything was taken down, and nothing runs before "kedge up"' };
  if (!isJob) return { reason: 'undeclared', message: 'no such job is declared' };
  if (now - Date.parse(instant) > lateAfterMs)
    return { reason: 'late', message: `it was due ${Math.round((now - Date.parse(instant)) / 1_000)} s ago` };
  return hasOpenRun ? { reason: 'overlap', message: 'the run before it has not ended' } : null;
}
