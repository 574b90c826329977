import type { CloudEvent, ServiceName } from '@kedge/shared/contracts';
import { answerOrReason } from './answer-or-reason.ts';
import { askPlan } from './ask-plan.ts';
import type { Cli } from './cli.ts';
import type { CliBus } from './connect.ts';
import { createFollowedChanges, type PlanLook, type ServiceEnding } from './core/followed-changes.ts';
import { deploySubjects } from './core/judge-deploy.ts';
import { statusWithoutCopies } from './core/told-there.ts';
import type { Tell } from './terminal/progress.ts';
import { formatDuration } from './terminal/relative-time.ts';

/** How a change of several services ended, as far as somebody watched. */
export interface PlanEnding {
  readonly outcome: 'done' | 'failed' | 'timeout' | 'interrupted';
  /** In the order in which they ended; what did not end in time is at the end. */
  readonly services: readonly ServiceEnding[];
}

interface FollowPlanOptions extends Pick<Cli, 'signal' | 'pause'> {
  readonly bus: Pick<CliBus, 'request' | 'follow'>;
  /** Asks for the change, after its events are being followed, and says which services it is about. */
  readonly begin: (tell: Tell) => Promise<readonly ServiceName[]>;
  readonly tell: Tell;
  readonly now: () => Date;
  readonly timeoutMs: number;
  /** How long the reconciler may take to begin before its silence means that nothing is left to do. Default 3 s. */
  readonly graceMs?: number;
  /** Nobody asked for new releases: a service is well when an older one is there again. */
  readonly asBefore?: boolean;
  /** Those of which is told what stands in their way, although nobody waits for them; asked after the beginning. */
  readonly toldBeside?: () => readonly ServiceName[];
}

const lookEveryMs = 1_000;
/** A run that its schedule starts meanwhile is not part of the change. */
const rolloutSubjects = deploySubjects.filter((subject) => subject.startsWith('deploy.'));

/** Follows the change of several services until each came to its end: events wake, status and plan decide. */
export async function followPlan(options: FollowPlanOptions): Promise<PlanEnding> {
  const { bus, begin, tell, signal, pause, now, timeoutMs, graceMs = 3_000, asBefore = false, toldBeside = () => [] } = options;
  const events: CloudEvent[] = [];
  let woken = new AbortController();
  const open = bus.follow(rolloutSubjects, (event) => {
    events.push(event);
    woken.abort();
  });
  try {
    const services = [...new Set(await begin(tell))];
    const begunAt = performance.now();
    const changes = createFollowedChanges({ services, begun: now(), graceMs, asBefore, tell });
    while (!changes.areOver()) {
      woken = new AbortController();
      const known = events.length;
      const looked = await answerOrReason(async () => await look(bus));
      const elapsedMs = performance.now() - begunAt;
      // What was answered before the newest event is not the answer to it.
      if (typeof looked === 'string') tell(looked);
      else if (known === events.length) {
        const status = statusWithoutCopies(looked.status, [...services, ...toldBeside()]);
        changes.judge({ ...looked, status, events, elapsedMs, now: now() });
      }
      if (changes.areOver()) break;
      if (signal.aborted) return { outcome: 'interrupted', services: changes.endings((line) => line) };
      if (elapsedMs >= timeoutMs) {
        const late = `is not there after ${formatDuration(timeoutMs)}, and goes on by itself`;
        return { outcome: 'timeout', services: changes.endings((line, service) => `${service} ${late}: ${line}`) };
      }
      if (known === events.length) await pause(lookEveryMs, AbortSignal.any([signal, woken.signal]));
    }
    const ended = changes.endings((line) => line);
    return { outcome: ended.every(({ ok }) => ok) ? 'done' : 'failed', services: ended };
  } finally {
    await open.close();
  }
}

async function look(bus: Pick<CliBus, 'request'>): Promise<Pick<PlanLook, 'status' | 'plan'>> {
  const [status, plan] = await Promise.all([bus.request('status.services', {}), askPlan(bus)]);
  return { status, plan };
}
