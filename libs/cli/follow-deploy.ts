import type { CloudEvent, DataOf, ServiceName } from '@kedge/shared/contracts';
import { answerOrReason } from './answer-or-reason.ts';
import { askPlan } from './ask-plan.ts';
import type { Cli } from './cli.ts';
import type { CliBus } from './connect.ts';
import { type DeployView, deploySubjects, judgeDeploy } from './core/judge-deploy.ts';
import { answerOf, type RegistryAnswer, troubleOf } from './core/registry-answer.ts';
import type { Ending, Tell } from './terminal/progress.ts';
import { formatDuration } from './terminal/relative-time.ts';

/** How a deploy that was followed ended, as far as somebody watched. */
export interface DeployEnding extends Ending {
  readonly outcome: 'succeeded' | 'nothing' | 'failed' | 'timeout' | 'interrupted';
  /** The last lines of the container that failed. */
  readonly lastLines: readonly string[];
  /** What a person can do now. */
  readonly advice?: string;
}

interface FollowDeployOptions {
  readonly bus: Pick<CliBus, 'request' | 'follow'>;
  readonly service: ServiceName;
  /** `deploy` wants the newest image: "nothing to do" is no answer to it while the registry cannot name that. */
  readonly action: NonNullable<DataOf<'deploy.requested'>['action']>;
  /** Publishes the request; called once, after the events are being followed. */
  readonly ask: () => Promise<void>;
  readonly tell: Tell;
  readonly heard: (event: CloudEvent) => void;
  readonly signal: AbortSignal;
  readonly pause: Cli['pause'];
  readonly now: () => Date;
  readonly timeoutMs: number;
  /** How long the reconciler may take to begin before its silence means "nothing to do". Default 3 s. */
  readonly graceMs?: number;
}

const lookEveryMs = 1_000;

/** Asks for a deploy and follows it to its end: events wake, status decides. */
export async function followDeploy(options: FollowDeployOptions): Promise<DeployEnding> {
  const { bus, service, action, ask, tell, heard, signal, pause, now, timeoutMs, graceMs = 3_000 } = options;
  const since = now();
  const events: CloudEvent[] = [];
  let woken = new AbortController();
  const open = bus.follow(deploySubjects, (event) => {
    if (event.subject !== service || isEarlierRun(event, since)) return;
    events.push(event);
    heard(event);
    woken.abort();
  });
  try {
    tell('asking the registry');
    const asked = await askRegistry(bus, service);
    await ask();
    const askedAt = performance.now();
    let line = 'asked';
    let reason = line;
    let waitedUntil: Date | null = null;
    while (!signal.aborted) {
      woken = new AbortController();
      const known = events.length;
      const looked = await look(bus, service);
      if (looked.kind === 'hopeless') return failed(looked.line);
      const elapsedMs = performance.now() - askedAt;
      // What was answered before the newest event is not the answer to it.
      if (looked.kind === 'silent' || known === events.length) {
        const view = looked.kind === 'seen' ? looked.view : { status: null, planned: null };
        if (view.status?.waiting) waitedUntil = now();
        const wanted = asked.kind === 'named' ? asked.digest : null;
        const trouble = action === 'deploy' ? troubleOf(asked, view.status) : null;
        const judged = judgeDeploy({ wanted, trouble, events, elapsedMs, graceMs, now: now(), waitedUntil, ...view });
        if (judged.kind === 'failed') return { ...judged, outcome: 'failed', ok: false };
        if (judged.kind !== 'going') return { outcome: judged.kind, ok: true, line: judged.line, lastLines: [] };
        const going = looked.kind === 'silent' ? looked : judged;
        line = going.line;
        const before = reason;
        reason = 'reason' in going ? going.reason : line;
        tell(line, { isNews: before !== reason });
      }
      if (elapsedMs >= timeoutMs)
        return failed(
          `the deploy of ${service} has not ended after ${formatDuration(timeoutMs)}, and goes on by itself: ${line}`,
          'timeout',
        );
      if (known === events.length) await pause(lookEveryMs, AbortSignal.any([signal, woken.signal]));
    }
    return failed(`stopped watching; the deploy of ${service} goes on by itself`, 'interrupted');
  } finally {
    await open.close();
  }
}

function failed(line: string, outcome: DeployEnding['outcome'] = 'failed'): DeployEnding {
  return { outcome, ok: false, line, lastLines: [] };
}

async function askRegistry(bus: Pick<CliBus, 'request'>, service: ServiceName): Promise<RegistryAnswer> {
  try {
    const { checked } = await bus.request('watcher.check', { service }, { timeoutMs: 15_000 });
    return answerOf(checked);
  } catch {
    // The reconciler asks for itself, and says what it lacks.
    return { kind: 'silent' };
  }
}

/** A run that was due before the request is none of ours. */
function isEarlierRun({ type, data }: CloudEvent, since: Date): boolean {
  return type.startsWith('job.') && Date.parse((data as DataOf<'job.started'>).instant) < since.getTime();
}

type Look =
  | { readonly kind: 'seen'; readonly view: Pick<DeployView, 'status' | 'planned'> }
  /** Nothing comes of it any more. */
  | { readonly kind: 'hopeless'; readonly line: string }
  | { readonly kind: 'silent'; readonly line: string };

async function look(bus: Pick<CliBus, 'request'>, service: ServiceName): Promise<Look> {
  const answered = await answerOrReason(
    async () => await Promise.all([bus.request('status.services', { service }), askPlan(bus, { service })]),
  );
  if (typeof answered === 'string') return { kind: 'silent', line: answered };
  const [{ services, down }, { changes }] = answered;
  const status = services.find((each) => each.service === service);
  if (!status) return { kind: 'hopeless', line: `${service} is no longer declared` };
  if (down) return { kind: 'hopeless', line: `${service} is not started: everything was taken down meanwhile; "kedge up" starts it again` };
  return { kind: 'seen', view: { status, planned: changes.find((change) => change.service === service) ?? null } };
}
