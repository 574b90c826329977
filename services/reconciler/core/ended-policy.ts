import type { RestartPolicy } from '@kedge/shared/contracts';

/** What becomes of a container that is not running any more, outside of a rollout. */
export type EndedDecision =
  | { readonly again: true; readonly reason: string }
  | { readonly again: false; readonly state: 'completed' | 'failed'; readonly reason: string };

/** Ended is a state: some containers are meant to end. The engine restarts by itself what its policy covers; this decides about the rest. */
export function decideEnded(policy: RestartPolicy, exitCode: number | null): EndedDecision {
  const code = exitCode ?? 0;
  if (policy === 'always' || policy === 'unless-stopped')
    return { again: true, reason: `it ended with code ${code} and restart = "${policy}"` };
  if (code === 0) return { again: false, state: 'completed', reason: 'it ended with code 0' };
  if (policy === 'on-failure') return { again: true, reason: `it ended with code ${code} and restart = "on-failure"` };
  return { again: false, state: 'failed', reason: `it ended with code ${code}, and restart = "no" runs it once per release` };
}
