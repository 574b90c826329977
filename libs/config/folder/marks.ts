import { type BigIntStats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { systemCode } from './read-text.ts';

/** What changes when the content of a file may have changed, told without reading it. */
export interface Mark {
  /** The code of the system's error when it cannot be told. */
  readonly mark: string;
  /** By the clock of the file system; 0 when it cannot be told. */
  readonly changedAtMs: number;
}

/** A clock of a file system may be as coarse as this: a second change in the same moment would leave the same mark. */
export const coarsestMs = 2_000;
/** To ask the pool of threads for a thousand files costs several times what the answers cost: so many are asked for in one go. */
const atOnce = 64;
/** Of a file system that takes longer for them, a network's for example, the process does not wait for the rest. */
const slowMs = 20;

/** The marks of files, in their order. Never rejects. */
export async function marksOf(paths: readonly string[]): Promise<readonly Mark[]> {
  const marks: Mark[] = [];
  while (marks.length < paths.length) {
    const startedMs = performance.now();
    for (const path of paths.slice(marks.length, marks.length + atOnce)) marks.push(markNow(path));
    if (performance.now() - startedMs > slowMs) return [...marks, ...(await Promise.all(paths.slice(marks.length).map(markLater)))];
    if (marks.length < paths.length) await new Promise((resolve) => setImmediate(resolve));
  }
  return marks;
}

function markNow(path: string): Mark {
  try {
    return markIn(statSync(path, { bigint: true }));
  } catch (thrown) {
    return unknown(thrown);
  }
}

async function markLater(path: string): Promise<Mark> {
  return await stat(path, { bigint: true }).then(markIn, unknown);
}

function markIn({ size, mtimeNs, ctimeNs, ino }: BigIntStats): Mark {
  return { mark: `${size}:${mtimeNs}:${ctimeNs}:${ino}`, changedAtMs: Number(ctimeNs / 1_000_000n) };
}

function unknown(thrown: unknown): Mark {
  return { mark: systemCode(thrown), changedAtMs: 0 };
}
