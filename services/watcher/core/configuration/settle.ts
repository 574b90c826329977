import type { FileReading, FolderReading } from '@kedge/config';
import { sameValue } from './same-value.ts';

/** What was read last, and since when every look has found the same. */
export interface Settling {
  readonly reading: FolderReading;
  readonly sinceMs: number;
}

/** A change is taken when it has stood still this long: editors truncate and rewrite, Git replaces file after file. */
export const settleMs = 500;

interface Look {
  readonly reading: FolderReading;
  /** Monotonic milliseconds. */
  readonly nowMs: number;
}

/** Follows one more look at the folder. */
export function follow(before: Settling | null, { reading, nowMs }: Look): Settling {
  return before && sameReading(before.reading, reading) ? before : { reading, sinceMs: nowMs };
}

/** True when two looks at least `settleMs` apart agreed. */
export function isSettled({ sinceMs }: Settling, nowMs: number): boolean {
  return nowMs - sinceMs >= settleMs;
}

/** Whether two looks found the same. Files that were not read again are known by being the very same value. */
export function sameReading(left: FolderReading, right: FolderReading): boolean {
  if (left === right) return true;
  if (left.kind !== 'read' || right.kind !== 'read') return sameValue(left, right);
  const { services: some, news: _someNews, ...rest } = left;
  const { services: others, news, ...otherRest } = right;
  if (!sameValue(rest, otherRest)) return false;
  if (some === others) return true;
  if (news?.since === some) return news.folders.every((folder) => sameFile(some[folder], others[folder]));
  const folders = Object.keys(some);
  return folders.length === Object.keys(others).length && folders.every((folder) => sameFile(some[folder], others[folder]));
}

function sameFile(left: FileReading | undefined, right: FileReading | undefined): boolean {
  return left === right || (left !== undefined && right !== undefined && sameValue(left, right));
}
