import { type CloudEvent, type ServiceName, type ServiceStatus, shortDigest } from '@kedge/shared/contracts';
import { barredWords } from './bar-words.ts';
import { failsToStart, hopelessObstacle } from './hopeless-obstacle.ts';
import { type DeployView, type Going, judgeDeploy, type RolloutTimes, restWords, standingWord } from './judge-deploy.ts';
import { plannedLine } from './obstacle-words.ts';

/** What is known of a service that was to change. */
interface ServiceView extends Pick<DeployView, 'planned' | 'elapsedMs' | 'graceMs' | 'now' | 'waitedUntil' | 'moved'> {
  readonly service: ServiceName;
  /** Since the change began, oldest first. */
  readonly events: readonly CloudEvent[];
  /** Null when it is neither declared nor on its way out. */
  readonly status: ServiceStatus | null;
  /** What stood in its way before the change was asked for, and has not been tried again yet. */
  readonly metBefore: ServiceStatus['waiting'] | null;
  /** Nobody asked for a new release: it is well when an older one is there again. */
  readonly asBefore?: boolean;
}

/** How the change of one service stands; `ended` is final. */
export type ServiceJudgement =
  | Going
  | {
      readonly kind: 'ended';
      readonly ok: boolean;
      readonly line: string;
      readonly lastLines: readonly string[];
      readonly advice?: string;
      /** What the rollout itself told of its time; absent where it ended otherwise. */
      readonly times?: RolloutTimes;
    };

/** How the change of one service stands. Events say it at once; status and plan say it too, in case that the event was missed. */
export function judgeService(view: ServiceView): ServiceJudgement {
  const {
    service,
    status,
    planned,
    events,
    elapsedMs,
    graceMs,
    now,
    waitedUntil,
    moved = false,
    metBefore = null,
    asBefore = false,
  } = view;
  if (!status) return planned ? { kind: 'going', line: plannedLine(planned) } : ended(`${service} is removed`);
  if (status.phase === 'removing' || planned?.action === 'remove') return { kind: 'going', line: `removing: ${status.reason}` };

  const hopeless = hopelessObstacle({ status, planned, metBefore, elapsedMs, graceMs, now });
  if (hopeless) return { kind: 'ended', ok: false, lastLines: [], ...hopeless };

  const judged = judgeDeploy({ events, status, planned, elapsedMs, graceMs, now, waitedUntil, moved, wanted: null, trouble: null });
  switch (judged.kind) {
    case 'going':
      // It was said when it failed first, maybe before anybody watched.
      if (failsToStart({ status, metBefore, elapsedMs, graceMs, now })) return failedEarlier(status);
      // A verdict is the end although nobody said so: nothing more is planned.
      return status.phase === 'failed' && planned === null && elapsedMs >= graceMs && events.length === 0 ? failedEarlier(status) : judged;
    case 'failed': {
      const { line, lastLines, advice } = judged;
      return { kind: 'ended', ok: false, line, lastLines, ...(advice === undefined ? {} : { advice }) };
    }
    case 'succeeded':
      return { ...ended(judged.line), ...(judged.times === undefined ? {} : { times: judged.times }) };
    case 'nothing':
      if (!hasStandingVerdict(status)) return ended(restLine(status));
      return asBefore && isThere(status) ? ended(`${thereLine(status)}; the newest release stays barred`) : failedEarlier(status);
    default:
      return judged satisfies never;
  }
}

function ended(line: string): Extract<ServiceJudgement, { kind: 'ended' }> {
  return { kind: 'ended', ok: true, line, lastLines: [] };
}

/** What is wanted by now was judged; what serves is something older. */
export function hasStandingVerdict({ barred }: ServiceStatus): boolean {
  return barred.some(({ wanted }) => wanted !== false);
}

/** A release of it does what it is for, or did. */
function isThere({ phase, digest }: ServiceStatus): boolean {
  return digest !== null && (phase === 'serving' || phase === 'completed');
}

function thereLine(status: ServiceStatus): string {
  const { service, digest } = status;
  return `${service} ${standingWord(status)}${digest === null ? '' : ` ${shortDigest(digest)}`}`;
}

function failedEarlier(status: ServiceStatus): ServiceJudgement {
  const { service, reason, barred, lastLines = [] } = status;
  const bar = barred.find(({ wanted }) => wanted !== false);
  const line = `${service} failed: ${bar ? barredWords(bar, status) : reason}`;
  return { kind: 'ended', ok: false, line, lastLines, advice: `"kedge status ${service}" tells more.` };
}

function restLine(status: ServiceStatus): string {
  const { service, phase, reason } = status;
  return `${service} ${restWords(status)}${phase === 'stopped' ? `: ${reason}` : ''}`;
}
