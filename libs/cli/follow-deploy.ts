import type { CloudEvent, Digest, ServiceName } from '@kedge/shared/contracts';
import { errorMessage } from '@kedge/shared/kernel';
import type { Cli } from './cli.ts';
import type { CliBus } from './connect.ts';
import { type DeployView, judgeDeploy, rolloutSubjects } from './core/judge-deploy.ts';
import type { Ending } from './terminal/progress.ts';
import { formatDuration } from './terminal/relative-time.ts';

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
  /** Publishes the request; called once, after the events are being followed. */
  readonly ask: () => Promise<void>;
  readonly tell: (line: string) => void;
  readonly heard: (event: CloudEvent) => void;
  readonly signal: AbortSignal;
  readonly pause: Cli['pause'];
  readonly timeoutMs: number;
  /** The request lifts bars: one that is still seen is not the answer. */
  readonly clearing: boolean;
  /** How long the reconciler may take to begin before its silence means "nothing to do". Default 3 s. */
  readonly graceMs?: number;
}

const lookEveryMs = 1_000;

/** Asks for a deploy and follows it to its end: events wake, status decides. */
export async function followDeploy(options: FollowDeployOptions): Promise<DeployEnding> {
  const { bus, service, ask, tell, heard, signal, pause, timeoutMs, clearing, graceMs = 3_000 } = options;
  const events: CloudEvent[] = [];
  let woken = new AbortController();
  const open = bus.follow(rolloutSubjects, (event) => {
    if (event.subject !== service) return;
    events.push(event);
    heard(event);
    woken.abort();
  });
  try {
    tell('asking the registry');
    const wanted = await askRegistry(bus, service);
    await ask();
    const askedAt = performance.now();
    let line = 'asked';
    while (!signal.aborted) {
      woken = new AbortController();
      const known = events.length;
      const looked = await look(bus, service);
      if (looked.kind === 'gone') return { outcome: 'failed', ok: false, line: `${service} is no longer declared`, lastLines: [] };
      // What was answered before the newest event is not the answer to it.
      const isFresh = known === events.length && looked.kind === 'seen';
      const elapsedMs = performance.now() - askedAt;
      const judged = judgeDeploy({
        wanted,
        events,
        clearing,
        elapsedMs,
        graceMs,
        status: null,
        planned: null,
        ...(isFresh ? looked.view : {}),
      });
      if (judged.kind === 'failed') {
        return {
          outcome: 'failed',
          ok: false,
          line: judged.line,
          lastLines: judged.lastLines,
          ...(judged.advice === undefined ? {} : { advice: judged.advice }),
        };
      }
      if (judged.kind !== 'going') return { outcome: judged.kind, ok: true, line: judged.line, lastLines: [] };
      line = looked.kind === 'silent' ? looked.line : judged.line;
      tell(line);
      if (elapsedMs >= timeoutMs) {
        return {
          outcome: 'timeout',
          ok: false,
          line: `${service} is not there after ${formatDuration(timeoutMs)}, and goes on by itself: ${line}`,
          lastLines: [],
        };
      }
      if (known === events.length) await pause(lookEveryMs, AbortSignal.any([signal, woken.signal]));
    }
    return { outcome: 'interrupted', ok: false, line: `stopped watching; the deploy of ${service} goes on by itself`, lastLines: [] };
  } finally {
    await open.close();
  }
}

/** The digest that the registry names now; null when nobody can tell: then any success counts. */
async function askRegistry(bus: Pick<CliBus, 'request'>, service: ServiceName): Promise<Digest | null> {
  try {
    const { checked } = await bus.request('watcher.check', { service }, { timeoutMs: 15_000 });
    return checked.find(({ state }) => state === 'present')?.digest ?? null;
  } catch {
    // The reconciler asks for itself, and says what it lacks.
    return null;
  }
}

type Look =
  | { readonly kind: 'seen'; readonly view: Pick<DeployView, 'status' | 'planned'> }
  /** No longer declared. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'silent'; readonly line: string };

async function look(bus: Pick<CliBus, 'request'>, service: ServiceName): Promise<Look> {
  try {
    const [{ services }, { changes }] = await Promise.all([
      bus.request('status.services', { service }),
      bus.request('deploy.plan', { service }),
    ]);
    const status = services.find((each) => each.service === service);
    if (!status) return { kind: 'gone' };
    return { kind: 'seen', view: { status, planned: changes.find((change) => change.service === service) ?? null } };
  } catch (thrown) {
    return { kind: 'silent', line: errorMessage(thrown) };
  }
}
