import type { CronClock } from '@kedge/shared/cron';
import { findMissed, type Missed } from './find-missed.ts';

/** What is known of a job's clock. */
export interface JobClock {
  /** The last instant that fired; nothing at or before it fires again, whatever the clock says. */
  readonly last: Date | null;
  /** The instant that was planned next; null when there is none, or none was planned yet. */
  readonly next: Date | null;
}

/** What to do now. */
export type NextFire =
  /** Say that the job is due for `instant`, and what was missed before it; then plan `next`, which may have passed already. */
  | {
      readonly kind: 'fire';
      readonly instant: Date;
      readonly next: Date | null;
      readonly reason: 'on-time' | 'late';
      readonly missed: Missed | null;
    }
  /**
   * Say what was missed, and write `next` down. `last` stays as it is: where only the clock was ahead, the job fires again when it is right,
   * also for an instant that was told as missed, and the reconciler runs it all the same.
   */
  | { readonly kind: 'miss'; readonly missed: Missed; readonly next: Date | null }
  /** Write another `next` down and say nothing. */
  | { readonly kind: 'plan'; readonly next: Date | null; readonly reason: 'first' | 'fired-already' | 'clock-went-back' }
  /** Nothing to write; look again at `next`. */
  | { readonly kind: 'wait'; readonly next: Date | null };

interface Moment extends JobClock {
  readonly now: Date;
}

/** Instants no later than this all fire, one after another: the process was only busy. */
export const onTimeMs = 10_000;
/** Of the instants that were missed for longer, the newest fires when it is not older than this; there is no replay, the others are only told. */
export const lateMs = 60_000;

/** Decides whether a job fires now, from its expression, what fired last, what was planned and the time. */
export function nextFire(clock: Pick<CronClock, 'nextAfter'>, { last, next, now }: Moment): NextFire {
  const ahead = clock.nextAfter(latest(last, now));
  if (next === null) return ahead === null ? { kind: 'wait', next } : { kind: 'plan', next: ahead, reason: 'first' };
  if (next > now) return sameInstant(next, ahead) ? { kind: 'wait', next } : { kind: 'plan', next: ahead, reason: 'clock-went-back' };

  const after = latest(last, new Date(next.getTime() - 1));
  const due = firstDue(clock, { after, now });
  const missed = findMissed(clock, { after, before: due ?? now });
  if (due === null) return missed ? { kind: 'miss', missed, next: ahead } : { kind: 'plan', next: ahead, reason: 'fired-already' };
  const reason = now.getTime() - due.getTime() <= onTimeMs ? 'on-time' : 'late';
  return { kind: 'fire', instant: due, next: clock.nextAfter(due), reason, missed };
}

/** The oldest instant after `after` that is still on time, else the newest that is not too late; null when there is neither. */
function firstDue(clock: Pick<CronClock, 'nextAfter'>, { after, now }: { readonly after: Date; readonly now: Date }): Date | null {
  const oldestWithin = (ms: number) => clock.nextAfter(latest(after, new Date(now.getTime() - ms - 1)));
  const onTime = oldestWithin(onTimeMs);
  if (onTime !== null && onTime <= now) return onTime;
  let newest: Date | null = null;
  for (let at = oldestWithin(lateMs); at !== null && at <= now; at = clock.nextAfter(at)) newest = at;
  return newest;
}

function latest(left: Date | null, right: Date): Date {
  return left !== null && left > right ? left : right;
}

function sameInstant(left: Date, right: Date | null): boolean {
  return left.getTime() === right?.getTime();
}
