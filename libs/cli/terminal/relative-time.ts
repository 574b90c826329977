const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const;

/** How far `instant` is from `now`, in its largest whole unit: `3 min ago`, `in 25 s`, `now`. */
export function relativeTime(instant: string, now: Date): string {
  const differenceMs = Date.parse(instant) - now.getTime();
  const unit = units.find(({ ms }) => Math.abs(differenceMs) >= ms);
  if (!unit) return 'now';
  const amount = `${Math.floor(Math.abs(differenceMs) / unit.ms)} ${unit.name}`;
  return differenceMs < 0 ? `${amount} ago` : `in ${amount}`;
}

/** What was told is a little older than the clock: a moment that came so long ago is still "now". */
const justNowMs = 5_000;

/** When a moment comes: `in 25 s`, or `now` when it has just come; null when it has passed, because then it says nothing of the future. */
export function comingTime(instant: string, now: Date): string | null {
  const differenceMs = Date.parse(instant) - now.getTime();
  if (differenceMs < -justNowMs) return null;
  return differenceMs <= 0 ? 'now' : relativeTime(instant, now);
}

/** When something is tried again by itself: `next try in 25 s`, `next try now`; null when that moment has passed. */
export function nextTry(retryAt: string, now: Date): string | null {
  const time = comingTime(retryAt, now);
  return time === null ? null : `next try ${time}`;
}

/** When something that has its time is to run: `in 25 s`, `now`, or `due 3 min ago`. */
export function nextRunTime(instant: string, now: Date): string {
  return comingTime(instant, now) ?? `due ${relativeTime(instant, now)}`;
}

/** A duration as people say it: `850 ms`, `3.2 s`, `1 min 5 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(Math.floor(durationMs / 100) / 10).toString()} s`;
  const minutes = Math.floor(durationMs / 60_000);
  const seconds = Math.floor((durationMs % 60_000) / 1_000);
  return seconds === 0 ? `${minutes} min` : `${minutes} min ${seconds} s`;
}

/** The time of day on this machine, for lines that follow one another; with its date when that is not the one of `now`. */
export function timeOfDay(instant: string, now: Date): string {
  const moment = new Date(instant);
  const time = twoDigits([moment.getHours(), moment.getMinutes(), moment.getSeconds()]).join(':');
  return dateOf(moment) === dateOf(now) ? time : `${dateOf(moment)} ${time}`;
}

function dateOf(moment: Date): string {
  return [moment.getFullYear(), ...twoDigits([moment.getMonth() + 1, moment.getDate()])].join('-');
}

function twoDigits(parts: readonly number[]): readonly string[] {
  return parts.map((part) => String(part).padStart(2, '0'));
}
