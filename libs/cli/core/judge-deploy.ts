import { type CloudEvent, type DataOf, type Digest, type PlanReply, type ServiceStatus, shortDigest } from '@kedge/shared/contracts';
import { formatDuration, nextTry } from '../terminal/relative-time.ts';
import { gistOf, succeededGist } from './describe-event.ts';
import { barredFailure, type FailedDeploy, failure, rolledBack } from './failed-deploy.ts';
import { obstacleWords } from './obstacle-words.ts';
import { plannedProgress } from './planned-progress.ts';
import { splitDuration } from './split-duration.ts';

/** Subjects that tell what came of a request: a rollout, or for a job that only its schedule starts, a run. */
export const deploySubjects = [
  'deploy.started',
  'deploy.progressed',
  'deploy.succeeded',
  'deploy.failed',
  'deploy.rolledback',
  'deploy.superseded',
  'job.started',
  'job.finished',
  'job.skipped',
] as const;

/** What is known of a deploy that was asked for. */
export interface DeployView {
  /** The digest that the registry names now; null when it was not told (local image, registry away). */
  readonly wanted: Digest | null;
  /** Why the registry could not name a digest when it was asked; null when it did, or nobody could be asked. */
  readonly trouble: string | null;
  /** Events of the service on `deploySubjects` since the question, oldest first. */
  readonly events: readonly CloudEvent[];
  /** The newest status and plan of the service; null until the reconciler answered. */
  readonly status: ServiceStatus | null;
  readonly planned: PlanReply['changes'][number] | null;
  readonly elapsedMs: number;
  /** How long the reconciler may take to begin before silence means that nothing is left to do. */
  readonly graceMs: number;
  readonly now: Date;
  /** When an obstacle was seen in the way of the service for the last time; null when none was. */
  readonly waitedUntil: Date | null;
  /** It was seen to change since the question. Default: false. */
  readonly moved?: boolean;
}

/** It has not come to its end. */
export interface Going {
  readonly kind: 'going';
  readonly line: string;
  /** The line without what changes by itself (when it is tried again): the same one is no news. Absent where that is all of the line. */
  readonly reason?: string;
}

/** How a deploy stands; what is not `going` is its end. */
export type DeployJudgement =
  | Going
  | { readonly kind: 'nothing'; readonly line: string }
  | { readonly kind: 'succeeded'; readonly line: string; readonly times?: RolloutTimes }
  | FailedDeploy;

/** Only where the rollout told how long it took. */
export interface RolloutTimes {
  /** Without what was waited before. */
  readonly tookMs: number;
  readonly waitedMs: number;
}

/**
 * How a deploy stands. Events say it at once; status says it too, in case that the event was missed, and says alone that nothing was
 * left to do. A rollout that made way says nothing of what is wanted by now: what came after it is followed, whatever digest it has.
 */
export function judgeDeploy(view: DeployView): DeployJudgement {
  const { events } = view;
  const wayMade = events.findLastIndex(({ type }) => type === 'deploy.superseded.v1');
  const followed = wayMade < 0 ? view : { ...view, wanted: null, events: events.slice(wayMade + 1) };
  return judgeRollout(followed) ?? judgeRun(followed) ?? judgeByStatus(followed);
}

function judgeRollout({ events, wanted, status, now, waitedUntil }: DeployView): DeployJudgement | null {
  const last = events.findLast(({ type }) => type.startsWith('deploy.'));
  if (!last) return null;
  const data = last.data as RolloutData;
  const service = last.subject ?? 'the service';
  switch (last.type) {
    case 'deploy.succeeded.v1':
      // An earlier rollout may end first; the one that was asked for then follows.
      if (wanted !== null && data.digest !== wanted) return null;
      return judgeFailedSince(data, status) ?? success(service, { event: last, waitedUntil, status });
    case 'deploy.failed.v1':
      return failure(last, { service, status });
    case 'deploy.rolledback.v1':
      return rolledBack(last, { service, status });
    default:
      return judgeMissedEnd(data, status) ?? judgeWaiting(status, now) ?? { kind: 'going', line: gistOf(last) };
  }
}

/** It was rolled out, and ended with a failure before anybody looked: whoever waits for it asks for its end. */
function judgeFailedSince({ release }: Pick<RolloutData, 'release'>, status: ServiceStatus | null): DeployJudgement | null {
  // What waits is tried again.
  if (status?.phase !== 'failed' || status.waiting || status.release !== release) return null;
  const { service, reason } = status;
  return { kind: 'failed', line: `${service} failed: ${reason}`, lastLines: [], advice: logsAdvice(service) };
}

interface Success {
  readonly event: CloudEvent;
  readonly waitedUntil: Date | null;
  readonly status: ServiceStatus | null;
}

/** What it waited for is told apart: people want to know how long the change itself takes. */
function success(service: string, { event, waitedUntil, status }: Success): DeployJudgement {
  const data = event.data as DataOf<'deploy.succeeded'>;
  const endedAt = Date.parse(event.time);
  const times = splitDuration({ endedAt, durationMs: data.durationMs, waitedUntil: waitedUntil?.getTime() ?? null });
  const word = status ? standingWord(status) : 'rolled out';
  // The time is that of the rollout: what runs may be one that ends, and has not yet.
  const runs = word === 'runs' ? ', and runs' : '';
  const gist = succeededGist(runs === '' ? word : 'rolled out', { ...data, durationMs: times.tookMs });
  const waited = times.waitedMs < leastToldMs ? '' : `; before that it waited ${formatDuration(times.waitedMs)}`;
  return { kind: 'succeeded', line: `${service} ${gist}${runs}${waited}`, times };
}

const leastToldMs = 1_000;

/** The run that a request starts where only the schedule would have started one. */
function judgeRun({ events }: DeployView): DeployJudgement | null {
  const last = events.findLast(({ type }) => type.startsWith('job.'));
  if (!last) return null;
  const service = last.subject ?? 'the job';
  const line = `${service}: ${gistOf(last)}`;
  if (last.type === 'job.started.v1') return { kind: 'going', line };
  if (last.type === 'job.finished.v1' && (last.data as DataOf<'job.finished'>).exitCode === 0) return { kind: 'succeeded', line };
  return { kind: 'failed', line, lastLines: [], advice: logsAdvice(service) };
}

function logsAdvice(service: string): string {
  return `"kedge logs ${service}" shows what it said.`;
}

type RolloutData = Pick<DataOf<'deploy.progressed'>, 'digest' | 'release'>;

/** Status may know the end of a rollout whose last event did not arrive. */
function judgeMissedEnd({ release, digest }: RolloutData, status: ServiceStatus | null): DeployJudgement | null {
  if (!status) return null;
  const bar = status.barred.find((barred) => barred.release === release);
  if (bar) return barredFailure(status, bar);
  const failedSince = judgeFailedSince({ release }, status);
  if (failedSince) return failedSince;
  const isThere = status.release === release && isAtRest(status);
  return isThere ? { kind: 'succeeded', line: `${status.service} ${standingWord(status)} ${shortDigest(digest)}` } : null;
}

/**
 * What became of a release that was rolled out: one that is to end never serves, and who has no routes runs, whether it is to end or not. What
 * was stopped, failed or left since is not told as what it was before.
 */
export function standingWord({ phase, routes }: Pick<ServiceStatus, 'phase' | 'routes'>): string {
  switch (phase) {
    case 'completed':
    case 'idle':
      return 'completed';
    case 'serving':
      return routes.length > 0 ? 'serves' : 'runs';
    case 'rolling':
    case 'waiting':
      return routes.length > 0 ? 'serves' : 'rolled out';
    case 'stopped':
    case 'failed':
    case 'removing':
      return 'rolled out';
    default:
      return phase satisfies never;
  }
}

/** How a service is of which nothing is left to do, behind its name. */
export function restWords({ phase, digest }: Pick<ServiceStatus, 'phase' | 'digest'>): string {
  return `${phase === 'completed' ? phase : `is ${phase}`}${digest === null ? '' : ` ${shortDigest(digest)}`}`;
}

function judgeByStatus({ wanted, status, planned, trouble, elapsedMs, graceMs, now, moved = false }: DeployView): DeployJudgement {
  if (!status) return { kind: 'going', line: 'waiting for the reconciler' };
  const waiting = judgeWaiting(status, now);
  if (waiting) return waiting;
  if (planned) return { kind: 'going', line: plannedProgress(planned) };
  if (status.phase === 'rolling') return { kind: 'going', line: status.reason };
  if (elapsedMs < graceMs) return { kind: 'going', line: isAtRest(status) && !moved ? unansweredLine(status, wanted) : status.reason };
  const bar = status.barred.find(({ digest }) => digest === wanted);
  // A request lifts bars, so one that is still there was not taken up yet.
  if (bar && status.digest !== wanted) return { kind: 'going', line: `${shortDigest(bar.digest)} is still barred: ${bar.message}` };
  if (wanted !== null && status.digest !== wanted) return { kind: 'going', line: unansweredLine(status, wanted) };
  if (!isAtRest(status)) return { kind: 'going', line: status.reason };
  if (trouble !== null) {
    const line = `The registry could not be asked, so nothing was rolled: ${trouble}; ${status.service} ${restWords(status)} meanwhile.`;
    return { kind: 'failed', line, lastLines: [], advice: `"kedge check ${status.service}" asks the registry again.` };
  }
  return { kind: 'nothing', line: `Nothing to do: ${status.service} ${restWords(status)} already.` };
}

/** What is at rest was so before the request: its reason is no answer to that. */
function unansweredLine({ digest }: ServiceStatus, wanted: Digest | null): string {
  if (wanted === null || digest === wanted) return 'nothing has begun yet';
  return `${shortDigest(wanted)} is known, the reconciler has not taken it up yet`;
}

function isAtRest({ phase }: ServiceStatus): boolean {
  return phase === 'serving' || phase === 'completed' || phase === 'idle' || phase === 'stopped';
}

function judgeWaiting(status: ServiceStatus | null, now: Date): Going | null {
  if (!status?.waiting) return null;
  const reason = `waiting: ${obstacleWords(status.waiting)}`;
  const next = nextTry(status.waiting.retryAt, now);
  return { kind: 'going', line: next === null ? reason : `${reason}; ${next}`, reason };
}
