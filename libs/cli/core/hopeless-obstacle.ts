import type { PlanReply, ServiceStatus } from '@kedge/shared/contracts';
import { obstacleWords } from './obstacle-words.ts';

type Waiting = NonNullable<ServiceStatus['waiting']>;

interface ObstacleView {
  readonly status: ServiceStatus;
  readonly planned: PlanReply['changes'][number] | null;
  /** What stood in the way before the change was asked for, and whose next try has not come yet; null when nothing did. */
  readonly metBefore: Waiting | null;
  readonly elapsedMs: number;
  readonly graceMs: number;
  readonly now: Date;
}

/** An obstacle that only a person can take away. */
export interface Hopeless {
  readonly line: string;
  readonly advice: string;
}

interface Cure {
  /** What stands there for a moment while services of the same plan make room needs to be met twice. */
  readonly leastTries: number;
  readonly advice: (service: string) => string;
}

const cures: Readonly<Record<string, Cure>> = {
  // A request to adopt may be on its way.
  NAME_TAKEN: {
    leastTries: 2,
    advice: (service) => `"kedge apply --adopt ${service}" lets it take that place; or remove or rename the container.`,
  },
  PORT_TAKEN: { leastTries: 2, advice: () => 'Free the port, or change host of its [[port]]; it is tried again by itself.' },
  // Whoever has it may just have begun to move.
  PORT_MOVING: { leastTries: 5, advice: () => 'Mend the service that has the port; it goes on by itself when that is given up.' },
  SOURCE_MISSING: {
    leastTries: 1,
    advice: () => 'Make what is missing, or correct source of its [[volume]]; it is tried again by itself.',
  },
  NETWORK_IN_USE: {
    leastTries: 2,
    advice: () => 'Take the containers that are named off that network, or leave it as it was declared.',
  },
  IMAGE_ABSENT: { leastTries: 1, advice: pushOrCorrect },
  IMAGE_UNRESOLVED: { leastTries: 1, advice: pushOrCorrect },
};

function pushOrCorrect(service: string): string {
  return `Push that image, or correct image in its service.toml; "kedge check ${service}" asks the registry again.`;
}

/** What does not come by itself, beside that which has a cure. */
const failures: ReadonlySet<string> = new Set(['START_FAILED', 'DEPENDENCY_FAILED', 'DEPENDENCY_TIMEOUT']);

/** Somebody has to mend something before what has this problem can come; with any other it is still on its way. */
export function needsPerson({ code }: { readonly code: string }): boolean {
  return failures.has(code) || cureOf(code) !== undefined;
}

/** An obstacle from before is given the try that comes within this time: whoever asks may just have taken it away. */
const nextTryWithinMs = 45_000;

/**
 * Why waiting longer for a service is no use, and what a person can do; null when it may come by itself. An image that
 * is waited for counts only where the registry says that it has none; the plan tells it of one that serves only then.
 */
export function hopelessObstacle(view: ObstacleView): Hopeless | null {
  const { status, planned } = view;
  const { service, waiting } = status;
  const cure = waiting && cureOf(waiting.code);
  if (waiting && cure) {
    const mayCome = waiting.code.startsWith('IMAGE_') && status.registry?.state !== 'absent';
    if (mayCome || !isMetNow(waiting, { ...view, leastTries: cure.leastTries })) return null;
    return { line: `${service} waits: ${obstacleWords(waiting)}`, advice: cure.advice(service) };
  }
  const problem = planned?.problem;
  const planCure = problem && problem.code !== waiting?.code ? cureOf(problem.code) : undefined;
  if (!problem || !planCure || view.elapsedMs < view.graceMs) return null;
  return { line: `${service} stays as it is: ${obstacleWords(problem)}`, advice: planCure.advice(service) };
}

function cureOf(code: string): Cure | undefined {
  return Object.hasOwn(cures, code) ? cures[code] : undefined;
}

/** A start that was tried since the change was asked for, or is not tried again soon, came to nothing. */
export function failsToStart({ status: { waiting }, ...view }: Omit<ObstacleView, 'planned'>): boolean {
  return waiting?.code === 'START_FAILED' && isMetNow(waiting, { ...view, leastTries: 1 });
}

interface Meeting extends Omit<ObstacleView, 'status' | 'planned'> {
  readonly leastTries: number;
}

/** It was met since the change was asked for, and not only found there. */
function isMetNow(waiting: Waiting, { metBefore, leastTries, elapsedMs, graceMs, now }: Meeting): boolean {
  const tries = waiting.failures - (metBefore?.failures ?? 0);
  if (tries >= leastTries) return true;
  if (metBefore === null) return false;
  return elapsedMs >= graceMs && Date.parse(waiting.retryAt) - now.getTime() > nextTryWithinMs;
}

interface Met {
  readonly waiting: Waiting | undefined;
  readonly begun: Date;
  /** What the look before said; undefined at the first look. */
  readonly before: Waiting | null | undefined;
}

/** What still stands in the way from before the change was asked for. A request that starts the count anew is as good as none. */
export function metBeforeOf({ waiting, begun, before }: Met): Waiting | null {
  if (!waiting || before === null) return null;
  if (before === undefined) return Date.parse(waiting.since) < begun.getTime() ? waiting : null;
  return waiting.code === before.code && waiting.failures >= before.failures ? before : null;
}
