import type { AwaitedService, CloudEvent, PlanReply, ServiceName, ServiceStatus, StatusReply } from '@kedge/shared/contracts';
import type { Tell } from '../terminal/progress.ts';
import { formatDuration } from '../terminal/relative-time.ts';
import { metBeforeOf } from './hopeless-obstacle.ts';
import { hasStandingVerdict, judgeService, type ServiceJudgement } from './judge-service.ts';
import { obstacleWords } from './obstacle-words.ts';
import { waitedFor } from './waited-for.ts';

/** How the change of one service ended. */
export interface ServiceEnding {
  readonly service: ServiceName;
  readonly ok: boolean;
  readonly line: string;
  /** The last lines of the container that failed. */
  readonly lastLines: readonly string[];
  readonly advice?: string;
  /** How long the change itself took; absent where it did not come to an end, or nothing of it was seen. */
  readonly tookMs?: number;
  /** How long something stood in its way before; absent where nothing did. */
  readonly waitedMs?: number;
}

interface Begun {
  readonly services: readonly ServiceName[];
  readonly begun: Date;
  readonly graceMs: number;
  /** Nobody asked for new releases: see the judge of one service. */
  readonly asBefore?: boolean;
  /** Hears what is new about a service. */
  readonly tell: Tell;
}

/** What was seen at one moment. */
export interface PlanLook {
  readonly status: Pick<StatusReply, 'services'>;
  readonly plan: Pick<PlanReply, 'changes'>;
  /** Of all services since the change began, oldest first. */
  readonly events: readonly CloudEvent[];
  readonly elapsedMs: number;
  readonly now: Date;
}

/** The changes of several services, look after look. */
export interface FollowedChanges {
  judge(look: PlanLook): void;
  /** True when every service came to its end. */
  areOver(): boolean;
  /** In the order in which they ended; then those that did not, with what `describe` makes of their last line. */
  endings(describe: (line: string, service: ServiceName) => string): ServiceEnding[];
}

/** What is known of a service that has not come to its end. */
interface Going {
  readonly line: string;
  /** The line without a time: the same one is no news. */
  readonly reason: string;
  /** What stood in its way before the change, and has not been tried again yet; undefined before the first look. */
  readonly metBefore?: ServiceStatus['waiting'] | null;
  /** When something was seen in its way for the last time. */
  readonly waitedUntil: Date | null;
  /** It was seen to change; else it may have been at its end all the time. */
  readonly moved: boolean;
}

/** What a service waits for, and the code of that obstacle. */
interface Lacking extends AwaitedService {
  readonly code: string;
  /** Those that wait for it, one by way of the other, and are not followed. */
  readonly below?: readonly string[];
}

type Ended = Extract<ServiceJudgement, { kind: 'ended' }>;

/** Keeps, of each service, how its change stands and how it ended. */
export function createFollowedChanges({ services, begun, graceMs, asBefore = false, tell }: Begun): FollowedChanges {
  const asked: Going = { line: 'asked', reason: 'asked', waitedUntil: null, moved: false };
  const going = new Map(services.map((service) => [service, asked]));
  const ended: ServiceEnding[] = [];

  function judgeOne(service: ServiceName, look: PlanLook): void {
    const before = going.get(service) ?? asked;
    const seen = seenOf(service, look);
    const { status, planned, now } = seen;
    const waitedUntil = isInTheWay(status) ? now : before.waitedUntil;
    const metBefore = metBeforeOf({ waiting: status?.waiting, begun, before: before.metBefore });
    const judged = judgeService({ ...seen, graceMs, waitedUntil, metBefore, asBefore, moved: before.moved });
    if (judged.kind === 'going') {
      const { line, reason = line } = judged;
      if (before.line !== line) tell(`${service}: ${line}`, { isNews: before.reason !== reason });
      going.set(service, { line, reason, metBefore, waitedUntil, moved: before.moved || planned !== null || isMoving(status) });
      return;
    }
    going.delete(service);
    const ending = endingOf(service, { judged, tookMs: before.moved ? now.getTime() - (waitedUntil ?? begun).getTime() : null });
    ended.push(ending);
    tell(ending.line);
  }

  /** What gives its routes to a service that failed stays, until that one serves: nothing more comes by itself. */
  function endHandOvers(look: PlanLook): void {
    for (const service of [...going.keys()]) {
      const heir = seenOf(service, look).planned?.handsOverTo;
      if (!heir || !hasFailed(heir.service, look)) continue;
      going.delete(service);
      const line = `${service} serves on: ${heir.reason}`;
      ended.push({ service, ok: false, line, lastLines: [], advice: `Mend ${heir.service}, or declare ${service} again.` });
      tell(line);
    }
  }

  /** What depends on a service that failed does not come by itself; soon after the beginning that may be told from before it. */
  function endWaiters(look: PlanLook): void {
    if (look.elapsedMs < graceMs) return;
    for (const service of [...going.keys()]) {
      const { waiting } = seenOf(service, look).status ?? {};
      const awaited = waitedFor(waiting);
      if (!waiting || !awaited || !isLost({ ...awaited, code: waiting.code }, look)) continue;
      going.delete(service);
      const line = `${service} waits: ${obstacleWords(waiting)}`;
      ended.push({
        service,
        ok: false,
        line,
        lastLines: [],
        advice: `Mend ${awaited.service}: ${service} goes on by itself when that is there.`,
      });
      tell(line);
    }
  }

  /**
   * What has to complete is the newest release: that an older one is well is no help. Where nobody asked for new releases, only what is told as
   * failed waits for the newest one. Everything else needs a release that runs, whichever.
   */
  function isLost({ service: name, condition, code, below = [] }: Lacking, look: PlanLook): boolean {
    const found = look.status.services.find(({ service }) => service === name);
    if (!found || going.has(found.service)) return hasFailed(name, look);
    const { waiting, replicas } = found;
    const next = condition === 'completed' || replicas.ready === 0 ? waitedFor(waiting) : null;
    // What an old status tells may wait for each other.
    if (waiting && next && !below.includes(name) && isLost({ ...next, code: waiting.code, below: [...below, name] }, look)) return true;
    if (!hasStandingVerdict(found)) return hasFailed(name, look);
    if (condition === 'completed' && (!asBefore || code === 'DEPENDENCY_FAILED')) return true;
    return hasFailed(name, look) && !runsAsBefore(found);
  }

  /** One that is not followed may have failed before. */
  function hasFailed(name: string, look: PlanLook): boolean {
    const ending = ended.find(({ service }) => service === name);
    if (ending) return !ending.ok;
    const found = look.status.services.find(({ service }) => service === name);
    if (!found || going.has(found.service)) return false;
    // Nobody has asked for it, so that it is tried again by itself is no hope.
    if (found.phase === 'failed' && look.elapsedMs >= graceMs) return true;
    const judged = judgeService({ ...seenOf(found.service, look), graceMs, waitedUntil: null, metBefore: null, asBefore });
    return judged.kind === 'ended' && !judged.ok;
  }

  return {
    judge(look) {
      for (const service of [...going.keys()]) judgeOne(service, look);
      endHandOvers(look);
      endWaiters(look);
    },
    areOver: () => going.size === 0,
    endings: (describe) => [
      ...ended,
      ...[...going].map(([service, { line }]) => ({ service, ok: false, line: describe(line, service), lastLines: [] })),
    ],
  };
}

/** What one look tells of a service. */
function seenOf(service: ServiceName, { status, plan, events, elapsedMs, now }: PlanLook) {
  return {
    service,
    events: events.filter(({ subject }) => subject === service),
    status: status.services.find((each) => each.service === service) ?? null,
    planned: plan.changes.find((change) => change.service === service) ?? null,
    elapsedMs,
    now,
  };
}

/** The older release of one whose newest is barred runs, or is on its way back. */
function runsAsBefore({ digest, phase, waiting }: ServiceStatus): boolean {
  return digest !== null && !waiting && (phase === 'serving' || phase === 'rolling' || phase === 'waiting');
}

function isInTheWay(status: ServiceStatus | null): boolean {
  return status !== null && (status.waiting !== undefined || status.phase === 'waiting');
}

function isMoving(status: ServiceStatus | null): boolean {
  return status !== null && (status.phase === 'rolling' || status.phase === 'removing' || isInTheWay(status));
}

interface EndedChange {
  readonly judged: Ended;
  /** As it was seen here; null when it was at its end already. */
  readonly tookMs: number | null;
}

/** The time that the rollout told counts more than what was seen of it. */
function endingOf(service: ServiceName, { judged, tookMs }: EndedChange): ServiceEnding {
  const { ok, line, lastLines, advice, times } = judged;
  const ending = { service, ok, line, lastLines, ...(advice === undefined ? {} : { advice }) };
  if (times) return { ...ending, tookMs: times.tookMs, ...(times.waitedMs === 0 ? {} : { waitedMs: times.waitedMs }) };
  if (tookMs === null) return ending;
  return { ...ending, line: ok ? `${line} after ${formatDuration(tookMs)}` : line, tookMs };
}
