import type { FolderReading } from '@kedge/config';
import { sameJson } from '@kedge/shared/kernel';

/** What was read last, and since when every look has found the same. */
export interface Settling {
  readonly reading: FolderReading;
  readonly sinceMs: number;
}

/** A change is taken when it has stood still this long: editors truncate and rewrite, Git replaces file after file. */
export const settleMs = 500;

/** Follows one more look at the folder. Times are monotonic milliseconds. */
export function follow(before: Settling | null, reading: FolderReading, nowMs: number): Settling {
  return before && sameJson(before.reading, reading) ? before : { reading, sinceMs: nowMs };
}

/** True when two looks at least `settleMs` apart agreed. */
export function isSettled({ sinceMs }: Settling, nowMs: number): boolean {
  return nowMs - sinceMs >= settleMs;
}
