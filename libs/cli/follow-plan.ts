import type { CloudEvent, PlanReply, ServiceName, StatusReply } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Cli } from './cli.ts';
import type { CliBus } from './connect.ts';
import { deploySubjects } from './core/judge-deploy.ts';
import { judgeService } from './core/judge-service.ts';
import { formatDuration } from './terminal/relative-time.ts';

/** How the change of one service ended. */
export interface ServiceEnding {
  readonly service: ServiceName;
  readonly ok: boolean;
  readonly line: string;
  /** The last lines of the container that failed. */
  readonly lastLines: readonly string[];
  readonly advice?: string;
}

export interface PlanEnding {
  readonly outcome: 'done' | 'failed' | 'timeout' | 'interrupted';
  /** In the order in which they ended; what did not end in time is at the end. */
  readonly services: readonly ServiceEnding[];
}

interface FollowPlanOptions extends Pick<Cli, 'signal' | 'pause'> {
  readonly bus: Pick<CliBus, 'request' | 'follow'>;
  /** Asks for the change, after its events are being followed, and says which services it is about. */
  readonly begin: () => Promise<readonly ServiceName[]>;
  readonly tell: (line: string) => void;
  /** Codes of what a service may wait for that are an end here: only a person could change it. Default: none. */
  readonly hopeless?: readonly string[];
  readonly timeoutMs: number;
  /** How long the reconciler may take to begin before its silence means that nothing is left to do. Default 3 s. */
  readonly graceMs?: number;
}

const lookEveryMs = 1_000;
/** A run that its schedule starts meanwhile is not part of the change. */
const rolloutSubjects = deploySubjects.filter((subject) => subject.startsWith('deploy.'));

/** Follows the change of several services until each came to its end: events wake, status and plan decide. */
export async function followPlan(options: FollowPlanOptions): Promise<PlanEnding> {
  const { bus, begin, tell, hopeless = [], signal, pause, timeoutMs, graceMs = 3_000 } = options;
  const events: CloudEvent[] = [];
  let woken = new AbortController();
  const open = bus.follow(rolloutSubjects, (event) => {
    events.push(event);
    woken.abort();
  });
  try {
    const services = [...new Set(await begin())];
    const begunAt = performance.now();
    const ended: ServiceEnding[] = [];
    const going = new Map(services.map((service) => [service, 'asked']));
    while (going.size > 0) {
      woken = new AbortController();
      const known = events.length;
      const looked = await look(bus);
      const elapsedMs = performance.now() - begunAt;
      // What was answered before the newest event is not the answer to it.
      if (typeof looked === 'string') tell(looked);
      else if (known === events.length) judgeAll(looked, elapsedMs);
      if (going.size === 0) break;
      const left = [...going].map(([service, line]) => ({ service, ok: false, line, lastLines: [] }));
      if (signal.aborted) return { outcome: 'interrupted', services: [...ended, ...left] };
      if (elapsedMs >= timeoutMs) {
        const late = left.map((each) => ({
          ...each,
          line: `${each.service} is not there after ${formatDuration(timeoutMs)}, and goes on by itself: ${each.line}`,
        }));
        return { outcome: 'timeout', services: [...ended, ...late] };
      }
      if (known === events.length) await pause(lookEveryMs, AbortSignal.any([signal, woken.signal]));
    }
    return { outcome: ended.every(({ ok }) => ok) ? 'done' : 'failed', services: ended };

    function judgeAll({ status, plan }: Looked, elapsedMs: number): void {
      for (const [service] of [...going]) {
        const judged = judgeService({
          service,
          events: events.filter(({ subject }) => subject === service),
          status: status.services.find((each) => each.service === service) ?? null,
          planned: plan.changes.find((change) => change.service === service) ?? null,
          elapsedMs,
          graceMs,
          hopeless,
        });
        if (judged.kind === 'going') {
          if (going.get(service) !== judged.line) tell(`${service}: ${judged.line}`);
          going.set(service, judged.line);
          continue;
        }
        const { kind: _kind, ...ending } = judged;
        going.delete(service);
        ended.push({ service, ...ending });
        tell(ending.line);
      }
    }
  } finally {
    await open.close();
  }
}

interface Looked {
  readonly status: StatusReply;
  readonly plan: PlanReply;
}

/** What the reconciler answers, or why it does not: it may be on its way back. */
async function look(bus: Pick<CliBus, 'request'>): Promise<Looked | string> {
  try {
    const [status, plan] = await Promise.all([bus.request('status.services', {}), bus.request('deploy.plan', {})]);
    return { status, plan };
  } catch (thrown) {
    return errorMessage(thrown);
  }
}
