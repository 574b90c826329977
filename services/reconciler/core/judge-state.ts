import type { RestartPolicy } from '@kedge/shared/contracts';
import type { ObservedContainer } from '../ports.ts';
import { decideEnded } from './ended-policy.ts';
import { quickLookMs, type Verdict } from './gates.ts';
import type { Purpose } from './purpose.ts';

interface JudgeState {
  readonly container: ObservedContainer;
  readonly policy: RestartPolicy;
  readonly purpose: Purpose;
  /** In a rollout an end is a verdict; while a release merely serves, the restart policy decides. */
  readonly strict: boolean;
  /**
   * Since when the engine is watched without a gap, in milliseconds since the epoch. What ended before may have ended with the engine, and an
   * engine that comes back starts its containers again: neither tells anything about a release.
   */
  readonly watchedSince: number;
  /** It was fit once: it got requests or the name for that, so that its end tells about its release, whoever watched since when. */
  readonly hasServed: boolean;
  readonly now: number;
}

/** The engine may be about to end too: whoever was asked to end is judged when that much time has passed. */
const endingMs = 1_000;
/** 128 and the signal: SIGKILL, SIGTERM. */
const codesOfSignals: readonly (number | null)[] = [null, 137, 143];

/** The verdict that the state of the container alone gives; null when it runs, and its gates have to be asked. */
export function judgeState(facts: JudgeState): Verdict | null {
  const { container, strict, watchedSince } = facts;
  const { state, restartCount, startedAt } = container;
  switch (state) {
    case 'created':
      return { kind: 'pending', reason: 'it is about to start', lookAfterMs: quickLookMs };
    case 'paused':
      return { kind: 'pending', reason: 'it is frozen', lookAfterMs: 1_000 };
    case 'removing':
      return { kind: 'pending', reason: 'it is being removed', lookAfterMs: 1_000 };
    case 'restarting':
      return strict && wasWatched(facts) ? fallen(facts) : { kind: 'pending', reason: 'the engine restarts it', lookAfterMs: 5_000 };
    case 'running':
      if (!strict || restartCount === 0 || (startedAt?.getTime() ?? watchedSince) < watchedSince) return null;
      if (isDoubtful(facts)) return makeAnew;
      return {
        kind: 'failed',
        verdict: 'crashed',
        message: `${restartedWords(facts)} ${restartCount === 1 ? 'once' : `${restartCount} times`}${wayToEnd(facts)}`,
      };
    case 'exited':
    case 'dead':
      return judgeEnd(facts);
    default:
      return state satisfies never;
  }
}

function wasWatched({ container, watchedSince }: JudgeState): boolean {
  return (container.finishedAt?.getTime() ?? watchedSince) >= watchedSince;
}

function judgeEnd(facts: JudgeState): Verdict {
  const { container, policy, strict, now } = facts;
  const { exitCode, finishedAt } = container;
  const ended = decideEnded(policy, exitCode);
  if (!strict)
    return ended.again ? { kind: 'pending', reason: ended.reason, lookAfterMs: quickLookMs } : { kind: 'passed', reason: ended.reason };
  if (codesOfSignals.includes(exitCode) || (exitCode === 0 && ended.again)) {
    if (!wasWatched(facts)) return { kind: 'pending', reason: 'it ended while nobody watched', lookAfterMs: quickLookMs, startAgain: true };
    const endedForMs = now - (finishedAt?.getTime() ?? 0);
    if (endedForMs < endingMs)
      return { kind: 'pending', reason: 'it was made to end', lookAfterMs: Math.max(quickLookMs, endingMs - endedForMs) };
  }
  if (exitCode !== 0 && exitCode !== null) return fallen(facts);
  return ended.again
    ? {
        kind: 'failed',
        verdict: 'exited',
        message: wayToEnd(facts) === '' ? `${ended.reason} says that it should keep running` : `it ended with code 0${wayToEnd(facts)}`,
      }
    : { kind: 'passed', reason: ended.reason };
}

/**
 * It may have been about to start when its engine died: such an engine forgets that it did, and takes what is left of that start for the end
 * of each later one. With what a running one ended before nobody remembers.
 */
function isDoubtful({ container, watchedSince, hasServed }: JudgeState): boolean {
  return !hasServed && container.createdAt.getTime() < watchedSince;
}

const makeAnew: Verdict = {
  kind: 'pending',
  reason: 'it ended, and is older than the watch over its engine: what ended it may be left of a start that the engine forgot',
  lookAfterMs: quickLookMs,
  makeAnew: true,
};

function fallen(facts: JudgeState): Verdict {
  const { exitCode } = facts.container;
  if (isDoubtful(facts) && codesOfSignals.includes(exitCode)) return makeAnew;
  const ended = `ended with code ${exitCode ?? 'unknown'}`;
  if (isUnasked(facts) && !isStartedAgain(facts)) return { kind: 'failed', verdict: 'exited', message: `it ${ended}` };
  const why = facts.purpose === 'job' || exitCode === 0 ? wayToEnd(facts) : '';
  const message = why === '' ? `the container ${ended} before it was ready` : `it ${ended}${why}`;
  return { kind: 'failed', verdict: 'crashed', message };
}

/** Nobody asks what it serves: it may be there to end. */
function isUnasked({ purpose }: JudgeState): boolean {
  return purpose !== 'serves';
}

/** Whatever it ended with. */
function isStartedAgain({ policy }: JudgeState): boolean {
  return policy === 'always' || policy === 'unless-stopped';
}

/** What it ended with nobody remembers once it runs again: only what is kept running for others is known to have crashed. */
function restartedWords(facts: JudgeState): string {
  return isUnasked(facts) && isStartedAgain(facts)
    ? 'the container ended, and the engine restarted it'
    : 'the container crashed, and the engine restarted it';
}

/** Why something that may be there to end never does, and what to write instead; empty where that is not the trouble. */
function wayToEnd(facts: JudgeState): string {
  if (!isUnasked(facts) || !isStartedAgain(facts)) return '';
  const whose = facts.purpose === 'job' ? 'a job has to end, so' : 'where it is meant to end,';
  return `; restart = "${facts.policy}" starts its container again whenever it ends: ${whose} write restart = "no" or "on-failure"`;
}
