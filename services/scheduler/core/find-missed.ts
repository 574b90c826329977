import { mostMissedCounted } from '@kedge/shared/contracts';
import type { CronClock } from '@kedge/shared/cron';

/** Instants that came while nobody looked, and that are too old to fire. */
export interface Missed {
  /** The newest of them. */
  readonly last: Date;
  /** How many, `last` included; at most `mostMissedCounted`. */
  readonly count: number;
}

/** An expression has one instant a second at most. */
const secondMs = 1_000;

interface Span {
  /** Not itself. */
  readonly after: Date;
  /** Not itself. */
  readonly before: Date;
}

/** The instants between two moments; null when there are none. The work is bounded, however many there are. */
export function findMissed(clock: Pick<CronClock, 'nextAfter'>, span: Span): Missed | null {
  const isMissed = (instant: Date | null): instant is Date => instant !== null && instant < span.before;
  let last = clock.nextAfter(span.after);
  if (!isMissed(last)) return null;
  let count = 1;
  for (let next = clock.nextAfter(last); isMissed(next); next = clock.nextAfter(last)) {
    if (count === mostMissedCounted) return { last: newest(clock, { ...span, after: last }), count };
    last = next;
    count += 1;
  }
  return { last, count };
}

/** Nothing tells the instant before a moment, so it is found by halves: after any moment before it there is one, and from it on there is none. */
function newest(clock: Pick<CronClock, 'nextAfter'>, { after, before }: Span): Date {
  let [some, none] = [after.getTime(), before.getTime()];
  while (none - some >= secondMs) {
    const middle = Math.floor((some + none) / 2);
    const next = clock.nextAfter(new Date(middle));
    if (next !== null && next < before) some = next.getTime();
    else none = middle;
  }
  return new Date(some);
}
