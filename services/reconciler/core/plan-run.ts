import { type JobSkipped, mostMissedCounted, type ReleaseName, type RunRecord } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import type { Step } from './step.ts';

/** A claimed run that could not be started for so long is given up. */
export const startWithinMs = 10 * 60_000;

/** Why a firing was not run: the code of `job.skipped`, a sentence for people, and how many it stands for when the scheduler missed them. */
export type SkipReason = Omit<JobSkipped, 'instant'>;

/** What happens next to one firing of a job. */
export type RunStep =
  | Extract<Step, { kind: 'reattach' }>
  | ({ readonly kind: 'skip' } & SkipReason)
  /** Containers of earlier runs that cannot be started again for this one. */
  | { readonly kind: 'clear'; readonly ids: readonly string[] }
  | { readonly kind: 'make' }
  /** It was started: it has the name that people look for again. */
  | { readonly kind: 'rename'; readonly id: string; readonly name: string }
  /** It is written down which container is about to be started, so that its start is never taken for that of another run. */
  | { readonly kind: 'assign'; readonly id: string }
  /** It gets a name that only the next start knows: see `runName`. */
  | { readonly kind: 'take'; readonly id: string }
  | { readonly kind: 'start'; readonly id: string }
  /** It was started, and that was not written down yet. */
  | { readonly kind: 'note-start'; readonly id: string }
  | { readonly kind: 'finish'; readonly id: string }
  | { readonly kind: 'lost'; readonly message: string }
  | { readonly kind: 'look-again'; readonly afterMs: number; readonly reason: string };

interface PlanRun {
  readonly run: RunRecord;
  /** When the run was written last: claimed, or given a container. */
  readonly writtenAt: number;
  /** The service is still declared as a job. */
  readonly isJob: boolean;
  readonly containers: readonly ObservedContainer[];
  readonly now: number;
}

/** What follows from the run and from what is there; null when it has to be started. */
export function planRun({ run, writtenAt, isJob, containers, now }: PlanRun): RunStep | null {
  if (run.state === 'running') return planRunning(run, containers);
  const started = containers.find((container) => wasStarted(run, container));
  if (started) return { kind: 'note-start', id: started.id };
  if (!isJob) return { kind: 'skip', ...undeclared };
  if (containers.some(({ state }) => active.has(state))) return { kind: 'skip', ...overlap };
  return now - writtenAt > startWithinMs
    ? { kind: 'skip', reason: 'not-started', message: 'it could not be started for 10 minutes' }
    : null;
}

/**
 * The container was started for this run, by us or by whoever was killed before that could be written down. A claimed run that was given a
 * container holds when that was started last: a start at any other moment is its own, whatever the clocks say.
 */
export function wasStarted(run: Pick<RunRecord, 'container' | 'startedAt'>, { id, startedAt }: ObservedContainer): boolean {
  return run.container === id && startedAt !== null && startedAt.toISOString() !== run.startedAt;
}

interface PlanRunStart {
  readonly run: Pick<RunRecord, 'container'>;
  /** What the run is made of. */
  readonly release: ReleaseName;
  readonly recreate: boolean;
  readonly containers: readonly ObservedContainer[];
  /** The name that this process gave a container for a start that it has not asked for yet; null when there is none. */
  readonly taken: string | null;
}

/**
 * The way to the start of a run, while nothing runs. A finished job runs again in the same container, unless its release changed or
 * `pull = "always"` asks for a new one each time. After it was taken it is looked at once more: a start of somebody who had it before arrived
 * by then, or never will.
 */
export function planRunStart({ run, release, recreate, containers, taken }: PlanRunStart): RunStep {
  const isReusable = ({ kedge, state }: ObservedContainer) =>
    kedge?.release === release && (state === 'created' || (state === 'exited' && !recreate));
  const reusable = containers.find(isReusable);
  const obsolete = containers.filter((container) => container !== reusable && container.state !== 'removing');
  if (obsolete.length > 0) return { kind: 'clear', ids: obsolete.map(({ id }) => id) };
  if (!reusable) return { kind: 'make' };
  const { id, name } = reusable;
  if (run.container !== id) return { kind: 'assign', id };
  return { kind: name === taken ? 'start' : 'take', id };
}

const active: ReadonlySet<ObservedContainer['state']> = new Set(['running', 'restarting', 'paused']);
const overlap: SkipReason = { reason: 'overlap', message: 'the run before it has not ended' };
const undeclared: SkipReason = { reason: 'undeclared', message: 'no such job is declared' };

function planRunning(run: RunRecord, containers: readonly ObservedContainer[]): RunStep {
  const container = containers.find(({ id }) => id === run.container);
  if (!container || container.state === 'removing' || container.state === 'dead')
    return { kind: 'lost', message: 'its container vanished while it ran' };
  if (container.state === 'exited') return { kind: 'finish', id: container.id };
  return { kind: 'look-again', afterMs: 5_000, reason: 'the job runs' };
}

/** An instant of the schedule that is older when it is claimed is not worth running any more. */
export const lateAfterMs = 60_000;

interface Firing {
  readonly instant: string;
  readonly isDown: boolean;
  readonly isJob: boolean;
  /** Somebody asked for it: that is taken whenever it arrives, and whatever the clock of whoever asked says. */
  readonly isRequested: boolean;
  readonly hasOpenRun: boolean;
  /** The scheduler was away at so many instants, of which this one is the last. */
  readonly missed?: number | undefined;
  readonly now: number;
}

/** Why a firing is not even claimed for running; null when it is. */
export function refuseRun({ instant, isDown, isJob, isRequested, hasOpenRun, missed, now }: Firing): SkipReason | null {
  const stoodFor = missed === undefined ? {} : { missed };
  if (isDown) return { reason: 'down', message: 'everything was taken down, and nothing runs before "kedge up"', ...stoodFor };
  if (!isJob) return { ...undeclared, ...stoodFor };
  const lateMs = now - Date.parse(instant);
  const late = `it was due ${Math.round(Math.max(0, lateMs) / 1_000)} s ago`;
  if (missed !== undefined) return { reason: 'late', message: `${late}, while the scheduler or the bus was away${lastOf(missed)}`, missed };
  if (!isRequested && lateMs > lateAfterMs) return { reason: 'late', message: late };
  return hasOpenRun ? overlap : null;
}

function lastOf(missed: number): string {
  if (missed === 1) return '';
  return `, and is the last of ${missed >= mostMissedCounted ? `${mostMissedCounted} or more` : missed} that were missed`;
}
