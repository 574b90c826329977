import { type CloudEvent, type DataOf, type Digest, type PlanReply, type ServiceStatus, shortDigest } from '@kedge/shared/contracts';
import { gistOf } from './describe-event.ts';

/** Subjects that tell of a rollout. */
export const rolloutSubjects = ['deploy.started', 'deploy.progressed', 'deploy.succeeded', 'deploy.failed', 'deploy.rolledback'] as const;

/** What is known of a deploy that was asked for. */
export interface DeployView {
  /** The digest that the registry names now; null when it was not told (local image, registry away). */
  readonly wanted: Digest | null;
  /** Rollout events of the service since the question, oldest first. */
  readonly events: readonly CloudEvent[];
  /** The newest status and plan of the service; null until the reconciler answered. */
  readonly status: ServiceStatus | null;
  readonly planned: PlanReply['changes'][number] | null;
  /** The request lifts bars: one that is still seen before anything started is not the answer. */
  readonly clearing: boolean;
  readonly elapsedMs: number;
  /** How long the reconciler may take to begin before silence means that nothing is left to do. */
  readonly graceMs: number;
}

export type DeployJudgement =
  | { readonly kind: 'going'; readonly line: string }
  | { readonly kind: 'nothing'; readonly line: string }
  | { readonly kind: 'succeeded'; readonly line: string }
  | { readonly kind: 'failed'; readonly line: string; readonly lastLines: readonly string[]; readonly advice?: string };

/**
 * How a deploy stands. Events say it at once; status says it too, in case that the event was missed, and says alone that nothing was
 * left to do.
 */
export function judgeDeploy(view: DeployView): DeployJudgement {
  return judgeByEvents(view) ?? judgeByStatus(view);
}

function judgeByEvents({ events, wanted, status }: DeployView): DeployJudgement | null {
  const last = events.at(-1);
  if (!last) return null;
  const data = last.data as RolloutData;
  const service = last.subject ?? 'the service';
  switch (last.type) {
    case 'deploy.succeeded.v1':
      // An earlier rollout may end first; the one that was asked for then follows.
      return wanted === null || data.digest === wanted ? { kind: 'succeeded', line: `${service} ${gistOf(last)}` } : null;
    case 'deploy.failed.v1':
      return { kind: 'failed', line: `${service} failed: ${gistOf(last)}`, ...failure(service, last.data as DataOf<'deploy.failed'>) };
    case 'deploy.rolledback.v1':
      return { kind: 'failed', line: `${service} was rolled back: ${gistOf(last)}`, lastLines: [] };
    default:
      return judgeMissedEnd(data, status) ?? { kind: 'going', line: waitingLine(status) ?? gistOf(last) };
  }
}

type RolloutData = Pick<DataOf<'deploy.progressed'>, 'digest' | 'release'>;

/** Status may know the end of a rollout whose last event did not arrive. */
function judgeMissedEnd({ release, digest }: RolloutData, status: ServiceStatus | null): DeployJudgement | null {
  if (!status) return null;
  const bar = status.barred.find((barred) => barred.release === release);
  if (bar) return barredFailure(status, bar);
  const serves = status.release === release && isAtRest(status);
  return serves ? { kind: 'succeeded', line: `${status.service} serves ${shortDigest(digest)}` } : null;
}

function judgeByStatus({ wanted, status, planned, clearing, elapsedMs, graceMs }: DeployView): DeployJudgement {
  if (!status) return { kind: 'going', line: 'waiting for the reconciler' };
  const waiting = waitingLine(status);
  if (waiting !== null) return { kind: 'going', line: waiting };
  if (planned) return { kind: 'going', line: planned.reason };
  if (elapsedMs < graceMs || status.phase === 'rolling') return { kind: 'going', line: status.reason };
  const bar = status.barred.find(({ digest }) => digest === wanted);
  if (bar && status.digest !== wanted) return clearing ? { kind: 'going', line: 'the bar is not lifted yet' } : barredFailure(status, bar);
  if (wanted !== null && status.digest !== wanted)
    return { kind: 'going', line: `${shortDigest(wanted)} is known, the reconciler has not taken it up yet` };
  if (!isAtRest(status)) return { kind: 'going', line: status.reason };
  const digest = status.digest === null ? '' : ` ${shortDigest(status.digest)}`;
  return { kind: 'nothing', line: `Nothing to do: ${status.service} is ${status.phase}${digest} already.` };
}

function isAtRest({ phase }: ServiceStatus): boolean {
  return phase === 'serving' || phase === 'completed' || phase === 'idle' || phase === 'stopped';
}

function waitingLine(status: ServiceStatus | null): string | null {
  return status?.waiting ? `waiting: ${status.waiting.message} (${status.waiting.code}); next try at ${status.waiting.retryAt}` : null;
}

function failure(
  service: string,
  { lastLines, barred }: DataOf<'deploy.failed'>,
): Pick<DeployJudgement & { kind: 'failed' }, 'lastLines' | 'advice'> {
  return barred ? { lastLines, advice: clearAdvice(service) } : { lastLines };
}

function barredFailure({ service }: ServiceStatus, { digest, message }: ServiceStatus['barred'][number]): DeployJudgement {
  return { kind: 'failed', line: `${service}: ${shortDigest(digest)} is barred: ${message}`, lastLines: [], advice: clearAdvice(service) };
}

function clearAdvice(service: string): string {
  return `It is not tried again by itself: push a better image, or "kedge clear ${service}" to try this one again.`;
}
